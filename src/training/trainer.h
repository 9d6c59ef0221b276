#pragma once

#include <atomic>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/epoch.h"
#include "src/core/noise.h"
#include "src/training/checkpoint.h"
#include "src/training/gradient.h"
#include "src/training/metrics_log.h"
#include "src/training/optimizer/optimizer.h"
#include "src/training/options.h"
#include "src/training/probes.h"
#include "src/training/progress.h"
#include "src/training/schedule/schedule.h"
#include "src/training/weight_average.h"

namespace sublayer::training {

// Scores by name. The first ranks checkpoints and decides about patience.
struct ValidationResult {
  std::vector<std::pair<std::string, double>> scores;
  double seconds = 0;
};

struct ValidationPlan {
  IntervalOptions interval;
  int64_t patience = 0;  // validations without a better score after which training ends; 0: never
  bool higher_is_better = false;
  std::function<ValidationResult(int64_t update)> run;  // empty: there is nothing to validate on
};

// Where a training stands, and all that is needed to go on from there beside the tensors: noise has no state.
struct TrainingState {
  int64_t update = 0, epoch = 0, update_in_epoch = 0;  // finished ones
  int64_t window = 0, update_in_window = 0;            // likewise, of the epoch's windows (data/epoch.h)
  int64_t tokens = 0;                                  // source and target
  double seconds = 0;                                  // of training, without validation
  int64_t stale_validations = 0;
  std::optional<double> best;
  double interval_loss = 0;  // sums since the last record
  int64_t interval_tokens = 0, interval_all_tokens = 0;
  double interval_seconds = 0;
  std::string end;  // why training ended; empty: it has not
};

nlohmann::json to_json(const TrainingState& state);
TrainingState state_from_json(const nlohmann::json& json);

// The loop: updates, and every so often validation and checkpoint. Everything that an update depends on is a function of the seed, the
// number of the update and the state in the checkpoint.
class Trainer {
 public:
  struct Parts {
    Seq2SeqModel& model;
    GradientComputer& gradients;
    optimizer::Optimizer& optimizer;
    const schedule::Schedule& schedule;
    const data::Dataset& train;
    TrainingOptions options;
    CheckpointOptions checkpoints;
    ValidationPlan validation;
    CheckpointStore& store;
    MetricsLog& log;
    Progress& progress;
    Probes& probes;
    WeightAverage* average;  // null: there is none
    Noise data_noise, dropout_noise;
  };

  Trainer(Parts parts, TrainingState state) : parts_(std::move(parts)), state_(std::move(state)) {}

  // Runs until an end is reached or `stop` is set; in either case the last thing it does is a checkpoint. Throws Diverged where the loss
  // or the gradient is no longer finite.
  const TrainingState& run(const std::atomic<bool>& stop);

  // The window of an epoch from which the next update is taken.
  struct Window {
    int64_t epoch = -1, index = -1, windows_in_epoch = 0;
    std::vector<data::Update> updates;
  };
  const Window& window();

 private:
  void take_update(const data::Update& update);
  bool pass_update(int64_t updates_in_window, int64_t windows);
  void record_interval();
  void pass_milestone(bool epoch_finished);
  std::optional<double> validate();
  void save(std::optional<double> selection);
  std::string reached_end() const;

  Parts parts_;
  TrainingState state_;
  Window window_;
  double last_norm_ = 0;  // of the gradient of the latest update that is recorded
};

}  // namespace sublayer::training
