#pragma once

#include <ATen/core/Tensor.h>

#include "models/kernels/rows.h"
#include "src/core/noise.h"

namespace sublayer::kernels {

// A dropout that is still to be drawn; rate 0 drops nothing.
struct Drop {
  double rate = 0;
  Noise noise;
};

// x with elements set to zero with probability `rate` and the others divided by 1 - rate. The mask's rows are all dimensions of x but
// the last. On a GPU the mask is drawn there, from the same stream but by another generator: other elements stay.
at::Tensor dropout(const at::Tensor& x, const Drop& drop);

// The mask for a tensor of the CPU of these sizes, one byte an element; undefined where nothing is dropped.
at::Tensor draw(const Drop& drop, at::IntArrayRef sizes);

inline Kept kept(const at::Tensor& mask, double rate) {
  return mask.defined() ? Kept{mask.const_data_ptr<uint8_t>(), static_cast<float>(1 / (1 - rate))} : Kept{};
}

}  // namespace sublayer::kernels
