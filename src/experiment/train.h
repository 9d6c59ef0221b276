#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "src/experiment/run_config.h"

namespace sublayer::experiment {

struct TrainRequest {
  RunConfig config;
  std::filesystem::path directory;  // of the run
  bool resume = false;
  std::string command;  // as typed, for the record
};

// Trains a run from its first update or from its last complete checkpoint, then tests it. Returns why training ended ("max_updates",
// "patience", "interrupted", ...). ConfigError where the directory holds a run and `resume` is not set, or another run.
std::string train(const TrainRequest& request, const std::atomic<bool>& stop);

}  // namespace sublayer::experiment
