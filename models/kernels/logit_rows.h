#pragma once

#include <cstdint>

namespace sublayer::kernels {

// Of at least one number.
float largest(const float* x, int64_t size);

// log(sum(e^x)) of 1 or more logits. NaN where one is NaN or positive infinity, or all are negative infinity.
float log_sum_exp(const float* x, int64_t size);

// The first index at or behind `start` of an x above the threshold; `size`: there is none.
int64_t first_above(const float* x, int64_t start, int64_t size, float threshold);

}  // namespace sublayer::kernels
