#include "src/bench/training_loop.h"

#include <ATen/Parallel.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "data/epoch.h"
#include "models/device.h"
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
      model_(subject.config.model.build(experiment::sizes_of(subject.tokenizers))),
      pool_(workers, [] { at::init_num_threads(); }),
      store_(scratch_.path()),
      log_(scratch_.path(), 0),
      probes_(*model_, {}) {
  const auto& config = subject.config;
  model_->initialize(Noise(config.seed.init)("init"));
  model_->to(device_named(config.device));
  optimizer_ = config.optimizer.build(all_parameters(*model_));
  if (config.training.ema_decay > 0) average_.emplace(*model_, config.training.ema_decay);
  loss_ = config.loss.build();
  schedule_ = config.schedule.build();
  gradients_.emplace(
      *model_, [&] { return config.model.build(experiment::sizes_of(subject.tokenizers)); }, *loss_, pool_,
      config.training.activation_type(), config.training.fused_kernels);
  const double start = steady_seconds();
  plan_ = data::Epoch(subject.sets.train, config.training.batching, Noise(config.seed.data)("order")(uint64_t{0})).plan(0);
  plan_seconds_ = steady_seconds() - start;
}

const training::TrainingState& TrainingLoop::advance(int64_t updates, int64_t log_every, const std::atomic<bool>& stop) {
  const auto& config = subject_.config;
  auto options = endless(config.training);
  options.max_updates = state_.update + updates;
  options.log_every = log_every;
  training::CheckpointOptions checkpoints;
  checkpoints.every_epochs = 0;
  checkpoints.keep_last = 1;
  const Noise data_noise = Noise(config.seed.data)("order"), dropout_noise = Noise(config.seed.dropout)("dropout");
  const training::ValidationPlan no_validation;
  training::Trainer trainer({*model_, *gradients_, *optimizer_, *schedule_, subject_.sets.train, options, checkpoints, no_validation,
                             store_, log_, progress_, probes_, average_ ? &*average_ : nullptr, data_noise, dropout_noise},
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
