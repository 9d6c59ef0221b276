#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "src/experiment/directory_lock.h"
#include "src/experiment/run_config.h"

namespace sublayer::experiment {

// The directory of a run while it is being trained: it belongs to one process at a time, and to one identity for good.
class RunDirectory {
 public:
  // Creates it, or with `resume` opens it and checks that `config` is the same run. ConfigErrors say what to do.
  RunDirectory(const std::filesystem::path& path, const RunConfig& config, bool resume);

  const std::filesystem::path& path() const { return path_; }
  bool is_new() const { return provenance_.is_null(); }

  // What the run was started with; null in a new one.
  const nlohmann::json& provenance() const { return provenance_; }
  // Deletes what a killed process left unfinished.
  void sweep() const;
  // Writes config and provenance: from here on the directory holds a run.
  void begin(const RunConfig& config, const nlohmann::json& provenance);
  // Keeps the run-time values that the run goes on with.
  void go_on(const RunConfig& config);

 private:
  std::filesystem::path path_;
  nlohmann::json provenance_;
  std::optional<DirectoryLock> lock_;
};

}  // namespace sublayer::experiment
