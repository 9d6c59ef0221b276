#include "models/packed_weights.h"

#include "models/model.h"
#include "src/core/errors.h"

namespace sublayer {

PackedWeights::PackedWeights(const Seq2SeqModel& model, Precision precision) {
  if (precision != Precision::fp32 && !model.device().is_cpu())
    throw UserError("a search's precision " + std::string(name_of(precision)) + " is for the CPU: state fp32, or --set device=cpu");
  for (const auto& parameter : all_parameters(model)) {
    if (is_matrix(parameter.role)) add(parameter.tensor, precision);
  }
  add(model.output_projection().weight, precision);  // may be a table of embeddings too
}

void PackedWeights::add(const at::Tensor& weight, Precision precision) {
  if (weight.is_cpu() && weight.scalar_type() == at::kFloat && weight.dim() == 2)
    matrices_.try_emplace(weight.unsafeGetTensorImpl(), Entry{weight, kernels::PackedMatrix(weight, precision)});
}

const kernels::PackedMatrix* PackedWeights::find(const at::Tensor& weight) const {
  const auto found = matrices_.find(weight.unsafeGetTensorImpl());
  return found == matrices_.end() ? nullptr : &found->second.packed;
}

}  // namespace sublayer
