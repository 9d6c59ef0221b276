#include "tests/training/small_training.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"

namespace sublayer::test {
namespace {

std::shared_ptr<Seq2SeqModel> model_of_type(const std::string& yaml, c10::ScalarType type, at::Device device) {
  auto model = small_model(yaml);
  model->to(device);
  model->to(type);
  return model;
}

}  // namespace

data::Dataset random_pairs(int64_t count) {
  std::vector<std::vector<int64_t>> sources, targets;
  for (int64_t i = 0; i < count; ++i) {
    for (const auto& [side, sentences] : {std::pair{"source", &sources}, {"target", &targets}}) {
      const Noise noise = Noise(3)(side)(static_cast<uint64_t>(i));
      auto& sentence = sentences->emplace_back(1 + noise.below(9, 0));
      for (size_t t = 0; t < sentence.size(); ++t) sentence[t] = 4 + static_cast<int64_t>(noise.below(7, t + 1));
    }
  }
  return {sources, targets};
}

ReplicatedModel::ReplicatedModel(const std::string& yaml, int64_t workers, c10::ScalarType type,
                                 std::optional<c10::ScalarType> activation_type, at::Device device)
    : model(model_of_type(yaml, type, device)),
      pool(workers, [] { at::init_num_threads(); }),
      loss(choice_of<loss::Loss>("{type: cross_entropy, label_smoothing: 0.1}").build()),
      gradients(
          *model,
          [&] {
            return small_model(yaml, {11, 11, true}, 99);
          },
          *loss, pool, activation_type.value_or(type),
          /*fused_kernels=*/true) {}

SmallTraining::SmallTraining() {
  options.batching.tokens_per_update = 100;
  options.batching.max_tokens_per_micro_batch = 30;
  options.max_updates = 50;
  options.log_every = 1000;
  options.clip_norm = 0.5;
  checkpoints.every_epochs = 0;
}

training::TrainingState SmallTraining::run(const std::filesystem::path& directory) {
  ReplicatedModel parts(model_yaml, workers, at::kFloat, options.activation_type(), device);
  const auto optimizing = choice_of<optimizer::Optimizer>(optimizer).build(all_parameters(*parts.model));
  const auto rate = choice_of<schedule::Schedule>(schedule).build();
  std::optional<training::WeightAverage> average;
  if (options.ema_decay > 0) average.emplace(*parts.model, options.ema_decay);
  auto* const averaging = average ? &*average : nullptr;
  training::CheckpointStore store(directory);
  training::TrainingState state;
  uint64_t metrics_bytes = 0;
  if (const auto last = store.last()) {
    const auto kept = training::kept_tensors(*parts.model, *optimizing, averaging);
    training::restore(*last, kept.model, kept.training);
    state = training::state_from_json(last->state);
    metrics_bytes = last->state.at("metrics_bytes");
  }
  training::MetricsLog log(directory, metrics_bytes);
  training::Progress progress;
  training::Probes probing(*parts.model, probes);
  auto validating = validation;
  if (watch_validation) {
    validating.run = [&](int64_t) {
      watch_validation(*parts.model);
      return training::ValidationResult{{{"loss", 1}}, 0};
    };
  }
  training::Trainer trainer({*parts.model, parts.gradients, *optimizing, *rate, train, options, checkpoints, validating, store, log,
                             progress, probing, averaging, Noise(1)("order"), Noise(1)("dropout")},
                            state);
  state = trainer.run(false);
  values = all_values(*parts.model);
  return state;
}

at::Tensor SmallTraining::trained_values() {
  const TemporaryDirectory directory;
  run(directory.path());
  return values;
}

at::Tensor all_values(const Module& model) {
  std::vector<at::Tensor> values;
  for (const auto& parameter : all_parameters(model)) values.push_back(parameter.tensor.detach().flatten());
  return at::cat(values);
}

}  // namespace sublayer::test
