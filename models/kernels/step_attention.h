#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "models/lineage.h"

namespace sublayer::kernels {

// Keys and values of some tokens, both floats [M, G, D], contiguous.
struct KeyValuePart {
  at::Tensor keys, values;
};

// Each query of [R, H, D] looks up values by the keys of the tokens that it sees, G dividing H: softmax(scale q K^T) V, [R, H, D]. A query
// that sees none gets zeros. Knows no gradients.
at::Tensor step_attention(const at::Tensor& queries, const std::vector<KeyValuePart>& parts, const SeenTokens& seen, double scale);

}  // namespace sublayer::kernels
