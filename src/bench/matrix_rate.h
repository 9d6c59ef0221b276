#pragma once

#include <cstdint>
#include <vector>

#include "src/core/worker_pool.h"
#include "src/experiment/model_facts.h"

namespace sublayer::bench {

// Floating-point operations per second of the three products that a training makes with each weight, alone, in its type and by the
// libraries that it takes, over `rows` tokens, as often as the model uses the weight, on all threads of the pool at once. The median of
// `repeats` measurements of `seconds` each.
double matrix_rate(const std::vector<experiment::WeightUse>& weights, at::ScalarType type, int64_t rows, WorkerPool& pool, int64_t repeats,
                   double seconds);

}  // namespace sublayer::bench
