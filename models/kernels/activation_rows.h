#pragma once

#include "models/kernels/rows.h"

namespace sublayer::kernels {

// An element-wise function and its derivative times a gradient.
struct Elementwise {
  void (*forward)(const float* x, int64_t size, float* out);
  void (*backward)(const float* x, const float* gradient, int64_t size, float* out);
};
extern const Elementwise relu, gelu, gelu_tanh, silu;

// out = dropout(function(x)), or where there is a factor dropout(function(x) * factor).
void activate_rows(const Elementwise& function, const float* x, const float* factor, Kept kept, int64_t rows, int64_t columns, float* out);
void activate_rows(const Elementwise& function, const Bfloat16* x, const Bfloat16* factor, Kept kept, int64_t rows, int64_t columns,
                   Bfloat16* out);
void activate_rows_gradient(const Elementwise& function, const float* gradient, const float* x, const float* factor, Kept kept,
                            int64_t rows, int64_t columns, float* x_gradient, float* factor_gradient);
void activate_rows_gradient(const Elementwise& function, const Bfloat16* gradient, const Bfloat16* x, const Bfloat16* factor, Kept kept,
                            int64_t rows, int64_t columns, Bfloat16* x_gradient, Bfloat16* factor_gradient);

}  // namespace sublayer::kernels
