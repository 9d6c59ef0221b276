#include "src/training/gradient.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/autograd.h>

#include "models/device.h"
#include "models/kernels/accumulate.h"
#include "src/decoding/teacher_forcing.h"

namespace sublayer::training {
void share_parameters(const Module& model, const Module& replica) {
  const auto from = all_parameters(model), to = all_parameters(replica);
  TORCH_CHECK(from.size() == to.size(), "a replica has ", to.size(), " parameters, its model ", from.size());
  for (size_t i = 0; i < from.size(); ++i) const_cast<at::Tensor&>(to[i].tensor).set_data(from[i].tensor.detach());
}

GradientComputer::GradientComputer(const Seq2SeqModel& model, const std::function<std::shared_ptr<Seq2SeqModel>()>& build,
                                   const loss::Loss& loss, WorkerPool& pool, at::ScalarType type, bool fused_kernels)
    : loss_(loss), pool_(pool), fused_kernels_(fused_kernels) {
  const bool is_copied = all_parameters(model).front().tensor.scalar_type() != type;
  for (int64_t i = 0; i < pool.size(); ++i) {
    replicas_.push_back(build());
    replicas_.back()->to(model.device());
    replicas_.back()->to(type);
    if (!is_copied || i > 0) share_parameters(is_copied ? *replicas_.front() : model, *replicas_.back());
    auto& list = parameters_.emplace_back();
    for (const auto& parameter : all_parameters(*replicas_.back())) list.push_back(parameter.tensor);
  }
  for (const auto& parameter : all_parameters(model)) {
    if (is_copied) weights_.push_back(parameter.tensor.detach());
  }
  if (is_copied) {
    for (const auto& parameter : parameters_.front()) copies_.push_back(parameter.detach());
  }
  sums_.gradients.resize(parameters_.front().size());
}

namespace {

data::Batch batch_of(const data::Dataset& dataset, const std::vector<int64_t>& examples) {
  RECORD_FUNCTION("sublayer::batching", {});
  return data::make_batch(dataset, examples);
}

}  // namespace

// Profilers and `sublayer bench` see the scopes that are recorded here; unwatched they cost nothing.
const GradientSums& GradientComputer::compute(const data::Dataset& dataset, const data::Update& update, const Noise& noise) {
  RECORD_FUNCTION("sublayer::micro_batches", {});
  // Stays on the device until the last micro-batch is under way.
  auto loss_sum = at::zeros({}, parameters_.front().front().options().dtype(at::kDouble));
  sums_.source_tokens = sums_.target_tokens = 0;
  if (!weights_.empty()) {
    RECORD_FUNCTION("sublayer::weight_copies", {});
    at::_foreach_copy_(copies_, weights_);
  }
  pool_.run(static_cast<int64_t>(update.micro_batches.size()), [&](int64_t worker, int64_t index) {
    RECORD_FUNCTION("sublayer::micro_batch", {});
    const auto batch = batch_of(dataset, update.micro_batches[index]);
    Context context;
    context.is_training = true;
    context.fused = fused_kernels_;
    context.noise = noise(static_cast<uint64_t>(index));
    auto& model = *replicas_[worker];
    const auto hidden = decoding::teacher_forced(model, batch, context);
    const auto loss = loss_.forward(hidden, model.output_projection(), ids_on(hidden.device(), batch.target_output.ids), context);
    auto gradients = torch::autograd::grad({loss}, parameters_[worker], {}, /*retain_graph=*/false, /*create_graph=*/false,
                                           /*allow_unused=*/true);
    at::RecordFunction turn(at::RecordScope::FUNCTION);
    if (turn.isActive()) turn.before("sublayer::turn");
    pool_.in_order(index, [&] {
      RECORD_FUNCTION("sublayer::gradient_sums", {});
      loss_sum += loss.detach();
      sums_.source_tokens += static_cast<int64_t>(batch.source.ids.size());
      sums_.target_tokens += static_cast<int64_t>(batch.target_output.ids.size());
      for (size_t i = 0; i < gradients.size(); ++i) add(std::move(gradients[i]), i, index == 0);
    });
  });
  sums_.loss = loss_sum.item<double>();
  return sums_;
}

// Gradients of tables may be sparse, and those of a replica of another type are sums of this micro-batch alone, rounded.
void GradientComputer::add(at::Tensor gradient, size_t parameter, bool is_first) {
  auto& sum = sums_.gradients[parameter];
  const auto type = weights_.empty() ? parameters_.front()[parameter].scalar_type() : weights_[parameter].scalar_type();
  if (is_first) {
    if (!gradient.defined()) gradient = at::zeros_like(parameters_.front()[parameter]);
    if (gradient.is_sparse()) gradient = gradient.to_dense();
    // Not a view of something shared: the sum is added to in place.
    sum = gradient.to(type).contiguous();
  } else if (gradient.defined()) {
    kernels::accumulate(sum, gradient);
  }
}

}  // namespace sublayer::training
