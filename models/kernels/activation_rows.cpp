// Vector instructions come from the compiler, with options of this file (cmake/UnityBatches.cmake), so it stands outside of unity builds.
#include "models/kernels/activation_rows.h"

#include <vector>

#include "models/kernels/row_steps.h"
#include "models/kernels/vector_math.h"

namespace sublayer::kernels {

namespace {

SUBLAYER_VECTORIZED void relu_forward(const float* x, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return x[i] < 0 ? 0.0F : x[i]; });  // a NaN stays one
}
SUBLAYER_VECTORIZED void relu_backward(const float* x, const float* gradient, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return x[i] <= 0 ? 0.0F : gradient[i]; });
}

SUBLAYER_VECTORIZED void gelu_forward(const float* x, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return x[i] * normal_distribution(x[i]); });
}
SUBLAYER_VECTORIZED void gelu_backward(const float* x, const float* gradient, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return gradient[i] * (normal_distribution(x[i]) + x[i] * normal_density(x[i])); });
}

constexpr float gelu_slope = 0.7978845608F, gelu_cube = 0.044715F;  // sqrt(2 / pi)
SUBLAYER_VECTORIZED void gelu_tanh_forward(const float* x, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return x[i] * sigmoid(2 * gelu_slope * (x[i] + gelu_cube * x[i] * x[i] * x[i])); });
}
SUBLAYER_VECTORIZED void gelu_tanh_backward(const float* x, const float* gradient, int64_t size, float* out) {
  map(size, out, [&](int64_t i) {
    const float square = x[i] * x[i], s = sigmoid(2 * gelu_slope * x[i] * (1 + gelu_cube * square));
    return gradient[i] * (s + x[i] * s * (1 - s) * 2 * gelu_slope * (1 + 3 * gelu_cube * square));
  });
}

SUBLAYER_VECTORIZED void silu_forward(const float* x, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return x[i] * sigmoid(x[i]); });
}
SUBLAYER_VECTORIZED void silu_backward(const float* x, const float* gradient, int64_t size, float* out) {
  map(size, out, [&](int64_t i) {
    const float s = sigmoid(x[i]);
    return gradient[i] * s * (1 + x[i] * (1 - s));
  });
}

SUBLAYER_VECTORIZED void multiply(const float* x, const float* y, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return x[i] * y[i]; });
}

}  // namespace

const Elementwise relu{relu_forward, relu_backward}, gelu{gelu_forward, gelu_backward}, gelu_tanh{gelu_tanh_forward, gelu_tanh_backward},
    silu{silu_forward, silu_backward};

// Row by row, so that what one step makes is in the nearest cache for the next.
void activate_rows(const Elementwise& function, const float* x, const float* factor, Kept kept, int64_t rows, int64_t columns, float* out) {
  for (int64_t start = 0; start < rows * columns; start += columns) {
    function.forward(x + start, columns, out + start);
    if (factor) multiply(out + start, factor + start, columns, out + start);
    if (kept.keep) drop(out + start, kept.from(start), columns, out + start);
  }
}

void activate_rows_gradient(const Elementwise& function, const float* gradient, const float* x, const float* factor, Kept kept,
                            int64_t rows, int64_t columns, float* x_gradient, float* factor_gradient) {
  std::vector<float> buffer(2 * columns);
  float *const dropped = buffer.data(), *const scaled = dropped + columns;
  for (int64_t start = 0; start < rows * columns; start += columns) {
    const float* g = gradient + start;
    if (kept.keep) {
      drop(g, kept.from(start), columns, dropped);
      g = dropped;
    }
    if (factor) {
      function.forward(x + start, columns, scaled);
      multiply(scaled, g, columns, factor_gradient + start);
      multiply(g, factor + start, columns, scaled);
      g = scaled;
    }
    function.backward(x + start, g, columns, x_gradient + start);
  }
}

// Other elements are floats while they are worked on.
void activate_rows(const Elementwise& function, const Bfloat16* x, const Bfloat16* factor, Kept kept, int64_t rows, int64_t columns,
                   Bfloat16* out) {
  std::vector<float> buffer(3 * columns);
  float *const wide_x = buffer.data(), *const wide_factor = wide_x + columns, *const wide_out = wide_factor + columns;
  for (int64_t start = 0; start < rows * columns; start += columns) {
    convert(x + start, columns, wide_x);
    if (factor) convert(factor + start, columns, wide_factor);
    activate_rows(function, wide_x, factor ? wide_factor : nullptr, kept.from(start), 1, columns, wide_out);
    convert(wide_out, columns, out + start);
  }
}

void activate_rows_gradient(const Elementwise& function, const Bfloat16* gradient, const Bfloat16* x, const Bfloat16* factor, Kept kept,
                            int64_t rows, int64_t columns, Bfloat16* x_gradient, Bfloat16* factor_gradient) {
  std::vector<float> buffer(5 * columns);
  float *const wide_gradient = buffer.data(), *const wide_x = wide_gradient + columns, *const wide_factor = wide_x + columns,
               *const wide_x_gradient = wide_factor + columns, *const wide_factor_gradient = wide_x_gradient + columns;
  for (int64_t start = 0; start < rows * columns; start += columns) {
    convert(gradient + start, columns, wide_gradient);
    convert(x + start, columns, wide_x);
    if (factor) convert(factor + start, columns, wide_factor);
    activate_rows_gradient(function, wide_gradient, wide_x, factor ? wide_factor : nullptr, kept.from(start), 1, columns, wide_x_gradient,
                           wide_factor_gradient);
    convert(wide_x_gradient, columns, x_gradient + start);
    if (factor) convert(wide_factor_gradient, columns, factor_gradient + start);
  }
}

}  // namespace sublayer::kernels
