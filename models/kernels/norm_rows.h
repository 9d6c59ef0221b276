#pragma once

#include "models/kernels/rows.h"

namespace sublayer::kernels {

// Layer norm, or without centering RMS norm: (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * weight + bias. Null: no weight, no bias.
struct NormRows {
  const float *weight = nullptr, *bias = nullptr;
  float epsilon = 0;
  bool is_centered = true;
};

// sum = x + dropout(y), or x where y is null, which may be sum itself; out = norm(sum); moments gets mean and 1 / deviation of each row.
void norm_rows(const float* x, const float* y, Kept kept, NormRows norm, int64_t rows, int64_t columns, float* sum, float* moments,
               float* out);
void norm_rows(const Bfloat16* x, const Bfloat16* y, Kept kept, NormRows norm, int64_t rows, int64_t columns, Bfloat16* sum, float* moments,
               Bfloat16* out);

// From the gradient of norm(sum): that of sum, and added to what is there, those of weight and bias (null: not wanted).
void norm_rows_gradient(const float* gradient, const float* sum, const float* moments, NormRows norm, int64_t rows, int64_t columns,
                        float* sum_gradient, float* weight_gradient, float* bias_gradient);
void norm_rows_gradient(const Bfloat16* gradient, const Bfloat16* sum, const float* moments, NormRows norm, int64_t rows, int64_t columns,
                        Bfloat16* sum_gradient, float* weight_gradient, float* bias_gradient);

}  // namespace sublayer::kernels
