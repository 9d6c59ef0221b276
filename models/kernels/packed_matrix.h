#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "models/precision.h"

namespace sublayer::kernels {

// A matrix W [outputs, inputs] of floats, copied once into the order in which products read it: pays where it is multiplied often while it
// does not change. Several times as fast as a library for few rows, which reads W as it lies.
class PackedMatrix {
 public:
  // Of another precision than fp32 it is a rounded copy, and what it is multiplied with is rounded likewise: to bfloat16, or to whole
  // numbers from -127 to 127, with a factor for each output and each row of x (Jacob et al. 2018, Dettmers et al. 2022). Their sums are
  // exact, those of the others floats.
  PackedMatrix(const at::Tensor& weight, Precision precision);

  // x W^T + b of floats: [..., inputs] -> [..., outputs]. Each row's bits depend on that row alone. Knows no gradients.
  at::Tensor product(const at::Tensor& x, const std::optional<at::Tensor>& bias) const;

 private:
  Precision precision_;
  int64_t outputs_, inputs_;
  at::Tensor words_, scales_;  // scales of int8 alone
};

}  // namespace sublayer::kernels
