#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "src/experiment/experiment.h"

namespace sublayer::experiment {

// One training of an experiment.
struct PlannedRun {
  const Arm* arm;
  int64_t seed;
  std::filesystem::path directory;  // <runs>/<experiment>/<arm>/seed_<n>
  std::string label;                // "gelu/seed_2"
};

// Seed by seed, so that an unfinished sweep has whole comparisons.
std::vector<PlannedRun> plan_runs(const Experiment& experiment, const std::filesystem::path& runs);

// ConfigError where a directory already holds another run.
void check_existing(const Experiment& experiment, const std::vector<PlannedRun>& plan);

struct SweepRequest {
  const Experiment& experiment;
  std::vector<PlannedRun> plan;
  int64_t jobs = 1;
  // The command line that trains one run in a process of its own.
  std::function<std::vector<std::string>(const PlannedRun&)> command;
};

struct SweepResult {
  int64_t failed = 0;
  bool was_interrupted = false;
};

// Trains what is not done yet, several runs side by side, each in a process of its own: a run that fails or crashes stops no other.
// Each goes on from its last checkpoint. Its output is in its directory's log.txt.
SweepResult sweep(const SweepRequest& request, const std::atomic<bool>& stop);

}  // namespace sublayer::experiment
