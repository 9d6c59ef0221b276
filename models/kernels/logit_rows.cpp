// Vector instructions come from the compiler, with options of this file (cmake/UnityBatches.cmake), so it stands outside of unity builds.
#include "models/kernels/logit_rows.h"

#include <cmath>

#include "models/kernels/vector.h"
#include "models/kernels/vector_math.h"

namespace sublayer::kernels {
namespace {

SUBLAYER_VECTORIZED float sum_of_exponentials(const float* x, float shift, int64_t size) {
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < size; ++i) sum += exponential(x[i] - shift);
  return sum;
}

}  // namespace

SUBLAYER_VECTORIZED float largest(const float* x, int64_t size) {
  float value = x[0];
#pragma omp simd reduction(max : value)
  for (int64_t i = 0; i < size; ++i) value = x[i] > value ? x[i] : value;
  return value;
}

float log_sum_exp(const float* x, int64_t size) {
  const float shift = largest(x, size);
  return shift + std::log(sum_of_exponentials(x, shift, size));
}

SUBLAYER_VECTORIZED int64_t first_above(const float* x, int64_t start, int64_t size, float threshold) {
  constexpr int64_t block = 64;
  for (; start + block <= size; start += block) {
    int count = 0;
#pragma omp simd reduction(+ : count)
    for (int64_t i = 0; i < block; ++i) count += x[start + i] > threshold;
    if (count > 0) break;
  }
  while (start < size && !(x[start] > threshold)) ++start;
  return start;
}

}  // namespace sublayer::kernels
