#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace sublayer::kernels {

// A matrix W [outputs, inputs] of floats, copied once into the order in which products read it: pays where it is multiplied often while it
// does not change. Several times as fast as a library for few rows, which reads W as it lies.
class PackedMatrix {
 public:
  explicit PackedMatrix(const at::Tensor& weight);

  // x W^T + b of floats: [..., inputs] -> [..., outputs]. Each row's bits depend on that row alone. Knows no gradients.
  at::Tensor product(const at::Tensor& x, const std::optional<at::Tensor>& bias) const;

 private:
  int64_t outputs_, inputs_;
  at::Tensor values_;
};

}  // namespace sublayer::kernels
