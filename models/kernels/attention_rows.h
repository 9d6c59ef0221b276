#pragma once

#include <cstdint>
#include <vector>

#include "models/kernels/rows.h"

namespace sublayer::kernels {

// Attention within or between packed sequences of any lengths: queries [N, heads, width], keys and values [M, key_heads, width], of which
// each serves heads / key_heads heads of queries. `width` is a multiple of 16.
struct AttentionShape {
  std::vector<int64_t> query_lengths, key_lengths;
  int64_t heads, key_heads, width;
  float scale;
  bool is_causal;

  // The size of all weights: for each sequence and head [T, S rounded up to 16].
  int64_t weights_size() const;
  static int64_t padded(int64_t keys) { return (keys + 15) / 16 * 16; }
};

// out [N, heads, width]. `weights` are kept for the gradient, as they are before dropout; kept.keep is as large as they are.
void attend(const AttentionShape& shape, const float* queries, const float* keys, const float* values, Kept kept, float* weights,
            float* out);
void attend(const AttentionShape& shape, const Bfloat16* queries, const Bfloat16* keys, const Bfloat16* values, Kept kept, float* weights,
            Bfloat16* out);

void attend_gradient(const AttentionShape& shape, const float* gradient, const float* queries, const float* keys, const float* values,
                     const float* weights, Kept kept, float* query_gradient, float* key_gradient, float* value_gradient);
void attend_gradient(const AttentionShape& shape, const Bfloat16* gradient, const Bfloat16* queries, const Bfloat16* keys,
                     const Bfloat16* values, const float* weights, Kept kept, Bfloat16* query_gradient, Bfloat16* key_gradient,
                     Bfloat16* value_gradient);

}  // namespace sublayer::kernels
