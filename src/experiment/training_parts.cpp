#include "src/experiment/training_parts.h"

#include <ATen/Parallel.h>

#include "models/device.h"

namespace sublayer::experiment {
namespace {

std::shared_ptr<Seq2SeqModel> initial_model(const RunConfig& config, const VocabularySizes& sizes) {
  auto model = config.model.build(sizes);
  model->initialize(Noise(config.seed.init)("init"));
  model->to(device_named(config.device));  // initial values are the same on every device
  return model;
}

}  // namespace

TrainingParts::TrainingParts(const RunConfig& config, const VocabularySizes& sizes, int64_t workers)
    : model(initial_model(config, sizes)),
      optimizer(config.optimizer.build(all_parameters(*model))),
      loss(config.loss.build()),
      schedule(config.schedule.build()),
      pool(workers, [] { at::init_num_threads(); }),
      gradients(
          *model, [&] { return config.model.build(sizes); }, *loss, pool, config.training.activation_type(), config.training.fused_kernels),
      data_noise(Noise(config.seed.data)("order")),
      dropout_noise(Noise(config.seed.dropout)("dropout")) {
  if (config.training.ema_decay > 0) average.emplace(*model, config.training.ema_decay);
}

}  // namespace sublayer::experiment
