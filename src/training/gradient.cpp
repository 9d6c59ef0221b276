#include "src/training/gradient.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/autograd.h>

#include "src/decoding/teacher_forcing.h"

namespace sublayer::training {
void share_parameters(const Module& model, const Module& replica) {
  const auto from = all_parameters(model), to = all_parameters(replica);
  TORCH_CHECK(from.size() == to.size(), "a replica has ", to.size(), " parameters, its model ", from.size());
  for (size_t i = 0; i < from.size(); ++i) const_cast<at::Tensor&>(to[i].tensor).set_data(from[i].tensor.detach());
}

GradientComputer::GradientComputer(std::vector<std::shared_ptr<Seq2SeqModel>> replicas, const loss::Loss& loss, WorkerPool& pool,
                                   bool fused_kernels)
    : replicas_(std::move(replicas)), loss_(loss), pool_(pool), fused_kernels_(fused_kernels) {
  for (const auto& replica : replicas_) {
    auto& list = parameters_.emplace_back();
    for (const auto& parameter : all_parameters(*replica)) list.push_back(parameter.tensor);
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
  sums_.loss = 0;
  sums_.source_tokens = sums_.target_tokens = 0;
  pool_.run(static_cast<int64_t>(update.micro_batches.size()), [&](int64_t worker, int64_t index) {
    RECORD_FUNCTION("sublayer::micro_batch", {});
    const auto batch = batch_of(dataset, update.micro_batches[index]);
    Context context;
    context.is_training = true;
    context.fused = fused_kernels_;
    context.noise = noise(static_cast<uint64_t>(index));
    auto& model = *replicas_[worker];
    const auto hidden = decoding::teacher_forced(model, batch, context);
    const auto loss = loss_.forward(hidden, model.output_projection(), at::tensor(batch.target_output.ids, at::kLong), context);
    auto gradients = torch::autograd::grad({loss}, parameters_[worker], {}, /*retain_graph=*/false, /*create_graph=*/false,
                                           /*allow_unused=*/true);
    at::RecordFunction turn(at::RecordScope::FUNCTION);
    if (turn.isActive()) turn.before("sublayer::turn");
    pool_.in_order(index, [&] {
      RECORD_FUNCTION("sublayer::gradient_sums", {});
      sums_.loss += loss.item<double>();
      sums_.source_tokens += static_cast<int64_t>(batch.source.ids.size());
      sums_.target_tokens += static_cast<int64_t>(batch.target_output.ids.size());
      for (size_t i = 0; i < gradients.size(); ++i) {
        if (!gradients[i].defined()) gradients[i] = at::zeros_like(parameters_[worker][i]);
        if (index == 0) {
          // Not a view of something shared: the sum is added to in place.
          sums_.gradients[i] = gradients[i].is_contiguous() ? gradients[i] : gradients[i].contiguous();
        } else {
          sums_.gradients[i].add_(gradients[i]);
        }
      }
    });
  });
  return sums_;
}

}  // namespace sublayer::training
