#pragma once

#include <ATen/core/Tensor.h>

namespace sublayer::kernels {

// sum += x, which may be sparse, or bfloat16 where the sum is of floats. Knows no gradients.
void accumulate(at::Tensor& sum, const at::Tensor& x);

}  // namespace sublayer::kernels
