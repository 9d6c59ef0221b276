#pragma once

#include <ATen/core/Tensor.h>

#include "src/core/noise.h"

namespace sublayer::kernels {

// x with elements set to zero with probability `rate` and the others divided by 1 - rate. The mask's rows are all dimensions of x but
// the last. CPU tensors of float or double.
at::Tensor dropout(const at::Tensor& x, double rate, const Noise& noise);

}  // namespace sublayer::kernels
