#pragma once

#include "models/kernels/rows.h"

namespace sublayer::kernels {

// Cross-entropy of rows of logits to (1 - smoothing) target + smoothing uniform, plus z_loss (ln Z)^2: the sum over rows. The logits become
// their gradients.
double cross_entropy_rows(float* logits, const int64_t* targets, int64_t rows, int64_t columns, double smoothing, double z_loss);
double cross_entropy_rows(Bfloat16* logits, const int64_t* targets, int64_t rows, int64_t columns, double smoothing, double z_loss);

}  // namespace sublayer::kernels
