#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "src/experiment/experiment.h"
#include "src/experiment/findings.h"

namespace sublayer::experiment {

// What became of a training.
enum class RunStatus {
  absent,      // nothing on the disk
  unfinished,  // begun, and goes on when asked
  done,
  diverged,  // no longer finite, or never better than a unigram model: a result of its arm
  failed,    // ended by an error; is tried again when asked
};
const char* name_of(RunStatus status);

// A number that a probe took of a module: "gradient_norm/encoder.layers.0".
struct ProbeReading {
  int64_t update = 0;
  std::string name;
  double value = 0;
};

struct Outcome {
  RunStatus status = RunStatus::absent;
  std::string reason;                       // of diverged and failed
  std::optional<double> value;              // of the primary metric; only of a run that is done
  std::vector<std::optional<double>> also;  // of the further ones
  std::vector<CurvePoint> curve;            // the primary metric over validations; the loss where it is a test metric
  std::vector<ProbeReading> probes;
  int64_t update = 0;  // the latest that the log knows
  double loss = 0;     // in training, then
  double seconds = 0;  // of training
  double share = 0;    // of the training that is done, 0 to 1
};

// Reads a run's directory. A run that is done under another `training` end than `config` states is unfinished.
Outcome read_outcome(const std::filesystem::path& directory, const RunConfig& config, const ExperimentOptions& options);

// A run that its process could not finish; an empty reason takes the record back.
void record_failure(const std::filesystem::path& directory, const std::string& reason);

// The metric that an experiment's curves show.
std::string curve_metric(const ExperimentOptions& options);

}  // namespace sublayer::experiment
