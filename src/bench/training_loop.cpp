#include "src/bench/training_loop.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "data/epoch.h"
#include "src/core/clock.h"

namespace sublayer::bench {
namespace {

training::TrainingOptions endless(training::TrainingOptions options) {
  options.max_epochs = options.max_tokens = 0;
  options.max_minutes = 0;
  return options;
}

}  // namespace

TrainingLoop::TrainingLoop(const Subject& subject, int64_t workers)
    : subject_(subject),
      parts_(subject.config, experiment::sizes_of(subject.tokenizers), workers),
      store_(scratch_.path()),
      log_(scratch_.path(), 0),
      probes_(*parts_.model, {}) {
  const double start = steady_seconds();
  plan_ = data::Epoch(subject.sets.train, subject.config.training.batching, parts_.data_noise(uint64_t{0})).plan(0);
  plan_seconds_ = steady_seconds() - start;
}

const training::TrainingState& TrainingLoop::advance(int64_t updates, int64_t log_every, const std::atomic<bool>& stop) {
  auto options = endless(subject_.config.training);
  options.max_updates = state_.update + updates;
  options.log_every = log_every;
  training::CheckpointOptions checkpoints;
  checkpoints.every_epochs = 0;
  checkpoints.keep_last = 1;
  const training::ValidationPlan no_validation;
  training::Trainer trainer(
      {*parts_.model, parts_.gradients, *parts_.optimizer, *parts_.schedule, subject_.sets.train, options, checkpoints, no_validation,
       store_, log_, progress_, probes_, parts_.average ? &*parts_.average : nullptr, parts_.data_noise, parts_.dropout_noise},
      state_);
  state_ = trainer.run(stop);
  if (state_.end == "interrupted") throw Interrupted();
  return state_;
}

std::vector<double> TrainingLoop::recorded_rates() const {
  std::ifstream file(scratch_.path() / "metrics.jsonl");
  std::vector<double> rates;
  for (std::string line; std::getline(file, line);) {
    const auto record = nlohmann::json::parse(line);
    if (record.at("event") == "train") rates.push_back(record.at("tokens_per_second"));
  }
  return rates;
}

}  // namespace sublayer::bench
