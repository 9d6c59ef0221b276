#include "src/experiment/model_facts.h"

namespace sublayer::experiment {
namespace {

bool is_matrix(Role role) {
  switch (role) {
    case Role::embedding:
    case Role::position:
    case Role::gain:
    case Role::bias:
      return false;
    default:
      return true;
  }
}

}  // namespace

int64_t parameter_count(const Seq2SeqModel& model) {
  int64_t count = 0;
  for (const auto& parameter : all_parameters(model)) count += parameter.tensor.numel();
  return count;
}

double forward_flops(const Seq2SeqModel& model) {
  int64_t weights = 0;
  bool has_own_projection = false;  // or one that is tied to an embedding
  for (const auto& parameter : all_parameters(model)) {
    if (is_matrix(parameter.role)) weights += parameter.tensor.numel();
    has_own_projection |= parameter.role == Role::output_projection;
  }
  if (!has_own_projection) weights += model.output_projection().weight.numel();
  return 2 * static_cast<double>(weights);
}

}  // namespace sublayer::experiment
