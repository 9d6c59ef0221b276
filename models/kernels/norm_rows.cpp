// Vector instructions come from the compiler, with options of this file (cmake/UnityBatches.cmake), so it stands outside of unity builds.
#include "models/kernels/norm_rows.h"

#include <cmath>
#include <vector>

#include "models/kernels/row_steps.h"

namespace sublayer::kernels {
namespace {

template <class Element>
SUBLAYER_INLINE void normalise(const Element* x, const Element* y, Kept kept, NormRows norm, int64_t rows, int64_t columns, Element* sum,
                               float* moments, Element* out) {
  const auto count = static_cast<float>(columns);
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t start = row * columns;
    const Element* s = x + start;
    if (y) {
      Element* to = sum + start;
      const Element* from = y + start;
      if (!kept.keep) {
        map(columns, to, [&](int64_t i) { return s[i] + from[i]; });
      } else {
        const Kept here{kept.keep + start, kept.scale};
        map(columns, to, [&](int64_t i) { return s[i] + kept_value(from[i], here, i); });
      }
      s = to;
    }
    float mean = 0;
    if (norm.is_centered) {
#pragma omp simd reduction(+ : mean)
      for (int64_t i = 0; i < columns; ++i) mean += s[i];
      mean /= count;
    }
    float square = 0;
#pragma omp simd reduction(+ : square)
    for (int64_t i = 0; i < columns; ++i) square += (s[i] - mean) * (s[i] - mean);
    const float inverse = 1 / std::sqrt(square / count + norm.epsilon);
    moments[2 * row] = mean;
    moments[2 * row + 1] = inverse;
    Element* __restrict to = out + start;
    const float *w = norm.weight, *b = norm.bias;
    if (w && b) {
      map(columns, to, [&](int64_t i) { return (s[i] - mean) * inverse * w[i] + b[i]; });
    } else if (w) {
      map(columns, to, [&](int64_t i) { return (s[i] - mean) * inverse * w[i]; });
    } else if (b) {
      map(columns, to, [&](int64_t i) { return (s[i] - mean) * inverse + b[i]; });
    } else {
      map(columns, to, [&](int64_t i) { return (s[i] - mean) * inverse; });
    }
  }
}

// With z = (s - mean) inverse and h = gradient weight: inverse (h - mean(h) - z mean(h z)), the middle term only where it is centered.
template <class Element>
SUBLAYER_INLINE void gradient_of_norm(const Element* gradient, const Element* sum, const float* moments, NormRows norm, int64_t rows,
                                      int64_t columns, Element* sum_gradient, float* weight_gradient, float* bias_gradient) {
  const auto count = static_cast<float>(columns);
  std::vector<float> buffer(columns);
  float* const h = buffer.data();
  for (int64_t row = 0; row < rows; ++row) {
    const Element *g = gradient + row * columns, *s = sum + row * columns;
    const float mean = moments[2 * row], inverse = moments[2 * row + 1];
    if (norm.weight) {
      map(columns, h, [&, w = norm.weight](int64_t i) { return g[i] * w[i]; });
    } else {
      map(columns, h, [&](int64_t i) { return static_cast<float>(g[i]); });
    }
    float total = 0, aligned = 0;
#pragma omp simd reduction(+ : total, aligned)
    for (int64_t i = 0; i < columns; ++i) {
      total += h[i];
      aligned += h[i] * (s[i] - mean);
    }
    const float shift = norm.is_centered ? total / count : 0, slope = aligned * inverse / count;
    Element* __restrict to = sum_gradient + row * columns;
    map(columns, to, [&](int64_t i) { return inverse * (h[i] - shift - (s[i] - mean) * inverse * slope); });
    if (weight_gradient) map(columns, weight_gradient, [&](int64_t i) { return weight_gradient[i] + g[i] * (s[i] - mean) * inverse; });
    if (bias_gradient) map(columns, bias_gradient, [&](int64_t i) { return bias_gradient[i] + g[i]; });
  }
}

}  // namespace

SUBLAYER_VECTORIZED void norm_rows(const float* x, const float* y, Kept kept, NormRows norm, int64_t rows, int64_t columns, float* sum,
                                   float* moments, float* out) {
  normalise(x, y, kept, norm, rows, columns, sum, moments, out);
}
SUBLAYER_VECTORIZED void norm_rows(const Bfloat16* x, const Bfloat16* y, Kept kept, NormRows norm, int64_t rows, int64_t columns,
                                   Bfloat16* sum, float* moments, Bfloat16* out) {
  normalise(x, y, kept, norm, rows, columns, sum, moments, out);
}

SUBLAYER_VECTORIZED void norm_rows_gradient(const float* gradient, const float* sum, const float* moments, NormRows norm, int64_t rows,
                                            int64_t columns, float* sum_gradient, float* weight_gradient, float* bias_gradient) {
  gradient_of_norm(gradient, sum, moments, norm, rows, columns, sum_gradient, weight_gradient, bias_gradient);
}
SUBLAYER_VECTORIZED void norm_rows_gradient(const Bfloat16* gradient, const Bfloat16* sum, const float* moments, NormRows norm,
                                            int64_t rows, int64_t columns, Bfloat16* sum_gradient, float* weight_gradient,
                                            float* bias_gradient) {
  gradient_of_norm(gradient, sum, moments, norm, rows, columns, sum_gradient, weight_gradient, bias_gradient);
}

}  // namespace sublayer::kernels
