#pragma once

#include <cstdint>

namespace sublayer::kernels {

struct StepHeads {
  int64_t heads, key_heads, width;
  float scale;

  static constexpr int64_t lanes = 16;
  static int64_t padded(int64_t count) { return (count + lanes - 1) / lanes * lanes; }
};

// One query [heads, width] looks at `count` keys and values, each [key_heads, width] wherever it lies -> [heads, width]. `weights` holds
// heads * padded(count).
void attend_step(const StepHeads& shape, const float* query, const float* const* keys, const float* const* values, int64_t count,
                 float* weights, float* out);

}  // namespace sublayer::kernels
