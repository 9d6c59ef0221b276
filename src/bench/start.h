#pragma once

#include <nlohmann/json_fwd.hpp>

#include "src/bench/training_loop.h"

namespace sublayer::bench {

// What a training does before its first update, in seconds: {"process": from the system's start of the program to this command, "config",
// "data", "tokenizer", "ids", "model" (with optimizer and workers), "plan" (of the first epoch), "beyond_data": all but data, tokenizer and
// ids, "first_update"}. The loop must be new; it takes its first update.
nlohmann::json measure_start(const Subject& subject, double process_seconds, double loop_seconds, TrainingLoop& loop,
                             const std::atomic<bool>& stop);

// How a run's time went, from its metrics.jsonl: {"seconds", "training", "validation", "rest"}, the last three as shares; the rest is
// checkpoints, records, and the time between an interruption and the next start. Null where there are no two records.
nlohmann::json time_of_run(const std::filesystem::path& run);

}  // namespace sublayer::bench
