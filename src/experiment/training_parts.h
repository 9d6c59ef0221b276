#pragma once

#include <memory>
#include <optional>

#include "src/core/worker_pool.h"
#include "src/experiment/run_config.h"
#include "src/training/gradient.h"
#include "src/training/weight_average.h"

namespace sublayer::experiment {

// A config's model with its initial weights, on its device, and what trains it.
struct TrainingParts {
  TrainingParts(const RunConfig& config, const VocabularySizes& sizes, int64_t workers);

  const std::shared_ptr<Seq2SeqModel> model;
  const std::shared_ptr<optimizer::Optimizer> optimizer;
  std::optional<training::WeightAverage> average;  // where training.ema_decay asks for it
  const std::shared_ptr<loss::Loss> loss;
  const std::shared_ptr<schedule::Schedule> schedule;
  WorkerPool pool;
  training::GradientComputer gradients;
  const Noise data_noise, dropout_noise;
};

}  // namespace sublayer::experiment
