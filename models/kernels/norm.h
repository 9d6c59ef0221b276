#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "models/kernels/dropout.h"

namespace sublayer::kernels {

// (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * weight + bias, or where it is not centered, without the means of x.
struct NormFormula {
  std::optional<at::Tensor> weight, bias;
  double epsilon;
  bool is_centered;
};

// norm(x) and norm(x + dropout(y)) [N, d], floats or bfloat16, in one pass each way.
at::Tensor norm(const at::Tensor& x, const NormFormula& formula);
at::Tensor norm_of_sum(const at::Tensor& x, const at::Tensor& y, const Drop& drop, const NormFormula& formula);

// x + dropout(y), any shape.
at::Tensor sum(const at::Tensor& x, const at::Tensor& y, const Drop& drop);

}  // namespace sublayer::kernels
