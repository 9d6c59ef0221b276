#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "src/evaluation/statistics/decision.h"
#include "src/experiment/outcome.h"

namespace sublayer::experiment {

// A run that was trained by itself, as far as comparing needs it.
struct StoredRun {
  std::filesystem::path directory;
  RunConfig config;
  nlohmann::json provenance;
  Outcome outcome;  // of the compared metric
};

// DataError where it is no run, or not done.
StoredRun read_stored_run(const std::filesystem::path& directory, const std::string& metric);

// Runs that are alike in all but their seeds: an arm.
struct RunGroup {
  std::vector<StoredRun> runs;           // by seed
  std::vector<std::string> differences;  // of its config from the first group's
};

// In the order in which the first run of each is given. ConfigError where two runs are the same with the same seed.
std::vector<RunGroup> group_runs(std::vector<StoredRun> runs);

// Why the metric of these runs may not be compared, one line per reason: what differs in data, signature, tokenizer or search.
std::vector<std::string> obstacles(const std::vector<RunGroup>& groups, const std::string& metric);

struct GroupComparison {
  statistics::Test test;                        // paired where all groups have the same seeds
  std::vector<statistics::Decision> decisions;  // of each group but the first, which is the baseline
};

// ConfigError where the groups have different numbers of runs.
GroupComparison compare_groups(const std::vector<RunGroup>& groups, const std::string& metric, double level);

}  // namespace sublayer::experiment
