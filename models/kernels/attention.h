#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "models/kernels/dropout.h"

namespace sublayer::kernels {

// Packed queries [N, H, D] of sequences of some lengths look up values by keys, both [M, G, D], G dividing H; D is a multiple of 16, all
// floats or all bfloat16: dropout(softmax(scale Q K^T)) V, [N, H, D]. Causal: a query sees the keys up to its own place. The weights'
// dropout is drawn as for [B, H, longest query length, longest key length].
at::Tensor attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values, const std::vector<int64_t>& query_lengths,
                     const std::vector<int64_t>& key_lengths, double scale, bool is_causal, const Drop& drop);

}  // namespace sublayer::kernels
