#pragma once

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/experiment/run_config.h"
#include "src/experiment/run_data.h"

namespace sublayer::experiment {

struct TrainRequest {
  RunConfig config;
  std::filesystem::path directory;  // of the run
  bool resume = false;
  std::string command;                       // as typed, for the record
  std::optional<TokenizerStore> tokenizers;  // where the runs of a sweep share theirs; absent: this run trains its own
};

// Trains a run from its first update or from its last complete checkpoint, then tests it. Returns why training ended ("max_updates",
// "patience", "interrupted", ...). ConfigError where the directory holds a run and `resume` is not set, or another run.
std::string train(const TrainRequest& request, const std::atomic<bool>& stop);

}  // namespace sublayer::experiment
