#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "models/kernels/activation_rows.h"
#include "models/kernels/dropout.h"

namespace sublayer::kernels {

// dropout(function(x)), or with a factor dropout(function(x) * factor), [N, d], floats or bfloat16, in one pass each way.
at::Tensor activate(const Elementwise& function, const at::Tensor& x, const std::optional<at::Tensor>& factor, const Drop& drop);

}  // namespace sublayer::kernels
