// Vector instructions come from the compiler, with options of this file (cmake/UnityBatches.cmake), so it stands outside of unity builds.
#include "models/kernels/step_attention_rows.h"

#include <algorithm>
#include <limits>

#include "models/kernels/vector.h"
#include "models/kernels/vector_math.h"

namespace sublayer::kernels {
namespace {

// Loops this short, which end in one sum each, are not made vectors of by the compiler; these are vectors, in as many registers as the
// machine needs for one.
constexpr int64_t lanes = StepHeads::lanes;
using Vector = float __attribute__((vector_size(4 * lanes)));

SUBLAYER_INLINE void load(const float* from, Vector& to) { __builtin_memcpy(&to, from, sizeof to); }

// All lanes together; `join` joins its second vector with the first, whatever their size.
template <class Join>
SUBLAYER_INLINE float reduced(const Vector& x, const Join& join) {
  auto by_8 = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7);
  join(by_8, __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15));
  auto by_4 = __builtin_shufflevector(by_8, by_8, 0, 1, 2, 3);
  join(by_4, __builtin_shufflevector(by_8, by_8, 4, 5, 6, 7));
  auto by_2 = by_4;
  join(by_2, __builtin_shufflevector(by_4, by_4, 2, 3, 0, 1));
  float first = by_2[0];
  join(first, by_2[1]);
  return first;
}
constexpr auto add = [](auto& a, const auto& b) __attribute__((always_inline)) { a += b; };
constexpr auto take_larger = [](auto& a, const auto& b) __attribute__((always_inline)) { a = a > b ? a : b; };

SUBLAYER_INLINE float dot(const float* a, const float* b, int64_t size) {
  Vector sums = {}, x, y;
  int64_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    load(a + i, x);
    load(b + i, y);
    sums += x * y;
  }
  float sum = reduced(sums, add);
  for (; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

// Of `count` scores; those behind them, up to a whole vector, become 0: tails one by one would cost more than all else.
SUBLAYER_INLINE void softmax(float* x, int64_t count, int64_t size, float scale) {
  for (int64_t i = count; i < size; ++i) x[i] = std::numeric_limits<float>::lowest();
  Vector highest, sum = {}, part;
  load(x, highest);
  for (int64_t i = lanes; i < size; i += lanes) {
    load(x + i, part);
    take_larger(highest, part);
  }
  const float shift = reduced(highest, take_larger);
#pragma omp simd
  for (int64_t i = 0; i < size; ++i) x[i] = exponential((x[i] - shift) * scale);
  for (int64_t i = 0; i < size; i += lanes) {
    load(x + i, part);
    sum += part;
  }
  const float inverse = 1 / reduced(sum, add);
#pragma omp simd
  for (int64_t i = 0; i < size; ++i) x[i] *= inverse;
}

// to[0 .. 16 vectors) = sum over s of weights[s] rows[s][start ...).
template <int vectors>
SUBLAYER_INLINE void weighted_sum(const float* weights, const float* const* rows, int64_t start, int64_t count, float* to) {
  Vector sums[vectors] = {}, x;
  for (int64_t s = 0; s < count; ++s) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) {
      load(rows[s] + start + v * lanes, x);
      sums[v] += weights[s] * x;
    }
  }
  __builtin_memcpy(to, sums, sizeof sums);
}

}  // namespace

SUBLAYER_VECTORIZED void attend_step(const StepHeads& shape, const float* query, const float* const* keys, const float* const* values,
                                     int64_t count, float* weights, float* out) {
  const int64_t width = shape.width, size = StepHeads::padded(count), sharing = shape.heads / shape.key_heads;
  if (count == 0) return std::fill(out, out + shape.heads * width, 0.0F);
  for (int64_t h = 0; h < shape.heads; ++h) {
    const int64_t start = h / sharing * width;
    float* const w = weights + h * size;
    for (int64_t s = 0; s < count; ++s) w[s] = dot(query + h * width, keys[s] + start, width);
    softmax(w, count, size, shape.scale);
    float* const to = out + h * width;
    int64_t d = 0;
    for (; d + 4 * lanes <= width; d += 4 * lanes) weighted_sum<4>(w, values, start + d, count, to + d);
    for (; d + lanes <= width; d += lanes) weighted_sum<1>(w, values, start + d, count, to + d);
    for (; d < width; ++d) {
      to[d] = 0;
      for (int64_t s = 0; s < count; ++s) to[d] += w[s] * values[s][start + d];
    }
  }
}

}  // namespace sublayer::kernels
