#include "src/experiment/model_facts.h"

namespace sublayer::experiment {

int64_t parameter_count(const Seq2SeqModel& model) {
  int64_t count = 0;
  for (const auto& parameter : all_parameters(model)) count += parameter.tensor.numel();
  return count;
}

std::vector<WeightUse> weight_uses(const Seq2SeqModel& model) {
  std::vector<WeightUse> list;
  bool has_own_projection = false;  // or one that is tied to an embedding
  for (const auto& parameter : all_parameters(model)) {
    int64_t uses = 1;
    for (const auto* module : modules_above(model, parameter.name)) uses *= module->uses();
    if (is_matrix(parameter.role)) list.push_back({parameter.tensor, uses});
    has_own_projection |= parameter.role == Role::output_projection;
  }
  if (!has_own_projection) list.push_back({model.output_projection().weight, 1});
  return list;
}

double forward_flops(const Seq2SeqModel& model) {
  int64_t weights = 0;  // as often as each is used
  for (const auto& [weight, uses] : weight_uses(model)) weights += uses * weight.numel();
  return 2 * static_cast<double>(weights);
}

}  // namespace sublayer::experiment
