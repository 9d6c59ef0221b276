#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "models/initializer/initializer.h"
#include "src/conformance/property.h"

namespace sublayer::conformance {
namespace {

using initializer::fill_normal;

// A scalar that every logit of the targets has a part in.
at::Tensor weighted_sum(Seq2SeqModel& model) {
  const auto logits = model.output_projection().logits(hidden_states(model, {}));
  at::Tensor weights = at::empty_like(logits).detach();
  fill_normal(weights, 0, 1, Noise(5)("weights"));
  return (logits * weights).sum();
}

// Undefined where backward met a parameter nowhere.
std::vector<at::Tensor> gradients_of(Seq2SeqModel& model) {
  std::vector<at::Tensor> gradients;
  for (const auto& parameter : all_parameters(model)) parameter.tensor.mutable_grad() = at::Tensor();
  weighted_sum(model).backward();
  for (const auto& parameter : all_parameters(model)) gradients.push_back(parameter.tensor.grad());
  return gradients;
}

bool is_finite(const at::Tensor& tensor) { return tensor.isfinite().all().item<bool>(); }

void check_finite(const ModelBuilder& build, Findings& findings) {
  const SentencePairs pairs;
  const auto model = build("{}");
  const auto hidden = hidden_states(*model, pairs);
  const int64_t tokens = packed_ids(pairs.targets).size(0);
  findings.require(hidden.dim() == 2 && hidden.size(0) == tokens && hidden.size(1) == model->output_projection().weight.size(1),
                   "hidden states have another shape than [target tokens, d_model]");
  findings.require(hidden.scalar_type() == at::kFloat, "hidden states of a model in float are of another type");
  findings.require(is_finite(hidden), "a hidden state is not finite");
  const auto gradients = gradients_of(*model);
  const auto parameters = all_parameters(*model);
  for (size_t i = 0; i < parameters.size(); ++i) {
    findings.require(gradients[i].defined(), parameters[i].name + " has no part in the result");
    if (!gradients[i].defined()) continue;
    findings.require(gradients[i].sizes() == parameters[i].tensor.sizes(), "the gradient of " + parameters[i].name + " has another shape");
    findings.require(is_finite(gradients[i]), "the gradient of " + parameters[i].name + " is not finite");
  }
}

// Full names of parameters that their modules declare unreachable, with the module's own name for it and the reason.
std::map<std::string, UnreachableParameter> declared_unreachable(const Module& model) {
  std::map<std::string, UnreachableParameter> declared;
  for (const auto& child : model.named_modules("", /*include_self=*/false)) {
    const auto* module = dynamic_cast<const Module*>(child.value().get());
    if (!module) continue;
    for (const auto& parameter : module->unreachable_parameters()) declared[child.key() + "." + parameter.name] = parameter;
  }
  return declared;
}

void check_reach(const ModelBuilder& build, Findings& findings) {
  const auto model = build("{}");
  model->to(at::kDouble);
  const auto gradients = gradients_of(*model);
  const auto parameters = all_parameters(*model);
  auto declared = declared_unreachable(*model);
  double largest = 0;
  for (const auto& gradient : gradients) largest = std::max(largest, gradient.defined() ? gradient.abs().max().item<double>() : 0);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const double reached = gradients[i].defined() ? gradients[i].abs().max().item<double>() : 0;
    const bool is_reached = reached > 1e-13 * largest;  // rounding leaves something of a sum that is 0
    const auto exception = declared.extract(parameters[i].name);
    if (exception.empty()) {
      findings.require(is_reached, parameters[i].name + " has no gradient");
    } else {
      findings.require(!is_reached, parameters[i].name + " is declared unreachable, but it has a gradient");
      findings.except("no gradient reaches " + exception.mapped().name, exception.mapped().reason);
    }
  }
  for (const auto& [name, parameter] : declared) findings.require(false, name + " is declared unreachable, but there is no such parameter");
}

void check_finite_differences(const ModelBuilder& build, Findings& findings) {
  const auto model = build("{}");
  model->to(at::kDouble);
  const auto gradients = gradients_of(*model);
  const auto parameters = all_parameters(*model);
  const at::NoGradGuard no_gradients;
  for (const uint64_t repeat : {1, 2, 3}) {
    // In this direction every parameter changes the sum about as much, whatever the size of its gradient.
    std::vector<at::Tensor> direction;
    double expected = 0;
    for (size_t i = 0; i < parameters.size(); ++i) {
      direction.push_back(at::empty_like(parameters[i].tensor));
      fill_normal(direction[i], 0, 1, Noise(repeat)(parameters[i].name));
      if (!gradients[i].defined()) continue;
      direction[i].div_(direction[i].norm() * std::max(gradients[i].norm().item<double>(), 0.01));
      expected += (gradients[i] * direction[i]).sum().item<double>();
    }
    const auto value_after = [&](double step) {
      for (size_t i = 0; i < parameters.size(); ++i) at::Tensor(parameters[i].tensor).add_(direction[i], step);
      const double value = weighted_sum(*model).item<double>();
      for (size_t i = 0; i < parameters.size(); ++i) at::Tensor(parameters[i].tensor).sub_(direction[i], step);
      return value;
    };
    // A step may cross a kink, such as relu's at 0; a shorter one then stops before it.
    double found = 0;
    const auto is_near = [&] { return std::abs(found - expected) <= 1e-6 + 1e-6 * std::abs(expected); };
    for (const double step : {1e-6, 1e-7}) {
      if (step == 1e-6 || !is_near()) found = (value_after(step) - value_after(-step)) / (2 * step);
    }
    findings.require(is_near(), "along a random direction the gradient says " + std::to_string(expected) + ", finite differences " +
                                    std::to_string(found));
  }
}

}  // namespace

std::vector<ModelProperty> gradient_properties() {
  return {{"gives each target token a finite hidden state, and each parameter a finite gradient", check_finite},
          {"lets the gradient reach every parameter", check_reach},
          {"has the gradient of finite differences", check_finite_differences}};
}

}  // namespace sublayer::conformance
