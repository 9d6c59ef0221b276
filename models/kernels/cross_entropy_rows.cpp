// Vector instructions come from the compiler, with options of this file (cmake/UnityBatches.cmake), so it stands outside of unity builds.
#include "models/kernels/cross_entropy_rows.h"

#include <cmath>
#include <vector>

#include "models/kernels/logit_rows.h"
#include "models/kernels/row_steps.h"
#include "models/kernels/vector_math.h"

namespace sublayer::kernels {

namespace {

// x becomes e^(x - shift); returns its sum, and in `total` that of x.
SUBLAYER_VECTORIZED float exponentials(float* x, float shift, int64_t size, float& total) {
  float sum = 0, all = 0;
#pragma omp simd reduction(+ : sum, all)
  for (int64_t i = 0; i < size; ++i) {
    all += x[i];
    x[i] = exponential(x[i] - shift);
    sum += x[i];
  }
  total = all;
  return sum;
}

SUBLAYER_VECTORIZED void scale_and_shift(float* x, float factor, float shift, int64_t size) {
  map(size, x, [&](int64_t i) { return x[i] * factor - shift; });
}

}  // namespace

double cross_entropy_rows(float* logits, const int64_t* targets, int64_t rows, int64_t columns, double smoothing, double z_loss) {
  const double uniform = smoothing / static_cast<double>(columns), certain = 1 - smoothing;
  double loss = 0;
  for (int64_t row = 0; row < rows; ++row) {
    float* const x = logits + row * columns;
    const float shift = largest(x, columns), target = x[targets[row]];
    float total = 0;
    const float sum = exponentials(x, shift, columns, total);
    const double log_z = shift + std::log(static_cast<double>(sum));
    loss += log_z - certain * target - (smoothing > 0 ? uniform * total : 0) + z_loss * log_z * log_z;
    scale_and_shift(x, static_cast<float>((1 + 2 * z_loss * log_z) / sum), static_cast<float>(uniform), columns);
    x[targets[row]] -= static_cast<float>(certain);
  }
  return loss;
}

double cross_entropy_rows(Bfloat16* logits, const int64_t* targets, int64_t rows, int64_t columns, double smoothing, double z_loss) {
  std::vector<float> wide(columns);
  double loss = 0;
  for (int64_t row = 0; row < rows; ++row) {
    convert(logits + row * columns, columns, wide.data());
    loss += cross_entropy_rows(wide.data(), targets + row, 1, columns, smoothing, z_loss);
    convert(wide.data(), columns, logits + row * columns);
  }
  return loss;
}

}  // namespace sublayer::kernels
