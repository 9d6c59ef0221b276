#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "src/training/trainer.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {

// Pairs of random sentences of 1 to 9 ids between 4 and 10.
data::Dataset random_pairs(int64_t count);

// A small model, its loss and its gradients by as many workers.
struct ReplicatedModel {
  std::shared_ptr<Seq2SeqModel> model;
  WorkerPool pool;
  std::shared_ptr<loss::Loss> loss;
  training::GradientComputer gradients;

  // `yaml` is laid over the small model's config.
  ReplicatedModel(const std::string& yaml, int64_t workers, c10::ScalarType type = at::kFloat,
                  std::optional<c10::ScalarType> activation_type = {}, at::Device device = at::kCPU);
};

// Everything that a trainer is made of. A second object in the directory of a first goes on from its last checkpoint.
struct SmallTraining {
  std::string model_yaml = "{embedding: {tie: all, dropout: 0.2}, layer: {dropout: 0.2, attention: {dropout: 0.1}}}";
  int64_t workers = 1;
  at::Device device = at::kCPU;
  std::string optimizer = "{type: adam, learning_rate: 0.003}", schedule = "{type: inverse_sqrt, warmup_updates: 10}";
  data::Dataset train = random_pairs(100);
  training::TrainingOptions options;  // 50 updates of several micro-batches, clipped
  training::CheckpointOptions checkpoints;
  training::ValidationPlan validation;
  training::Probes::List probes;
  std::function<void(const Module& model)> watch_validation;  // called at each validation, where given

  SmallTraining();
  // Trains in `directory`; returns the state at the end.
  training::TrainingState run(const std::filesystem::path& directory);
  // The same in a directory of its own; returns the values of all parameters, one after the other.
  at::Tensor trained_values();

  at::Tensor values;  // after the latest run
};

at::Tensor all_values(const Module& model);

}  // namespace sublayer::test
