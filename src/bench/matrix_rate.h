#pragma once

#include <cstdint>
#include <vector>

#include "src/core/worker_pool.h"
#include "src/experiment/model_facts.h"

namespace sublayer::bench {

// Floating-point operations per second of at::mm alone, on all threads of the pool at once: the three products that a training makes with
// each weight, over `rows` tokens, as often as the model uses it. The median of `repeats` measurements of `seconds` each.
double matrix_rate(const std::vector<experiment::WeightUse>& weights, int64_t rows, WorkerPool& pool, int64_t repeats, double seconds);

}  // namespace sublayer::bench
