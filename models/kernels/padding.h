#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace sublayer::kernels {

// Differentiable copies between packed [N, d] and padded [B, T, d]; padding cells are zero. Each is the other's gradient.
at::Tensor pad(const at::Tensor& packed, const std::vector<int64_t>& lengths, int64_t longest);
at::Tensor pack(const at::Tensor& padded, const std::vector<int64_t>& lengths);

}  // namespace sublayer::kernels
