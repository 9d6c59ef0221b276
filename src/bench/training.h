#pragma once

#include <nlohmann/json_fwd.hpp>

#include "src/bench/training_loop.h"

namespace sublayer::bench {

struct TrainingPlan {
  int64_t updates = 10, repeats = 5;  // so many updates are timed, so many times, after as many that are not
};

// Speed, where the time goes, matrix products against what the machine can do, memory. docs/measuring.md has the keys.
nlohmann::json measure_training(const TrainingPlan& plan, TrainingLoop& loop, const std::atomic<bool>& stop);

}  // namespace sublayer::bench
