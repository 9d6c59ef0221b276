// Kernels that do several steps in one pass give what the plain composition of operators gives, and training in bfloat16, with kernels or
// without, what float gives.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "models/packed_weights.h"
#include "src/conformance/property.h"
#include "src/conformance/same_gradients.h"

namespace sublayer::conformance {
namespace {

// Heads of a width for which attention has a kernel, and every dropout there is.
constexpr const char* with_kernels =
    "{d_model: 64, embedding: {dropout: 0.2}, layer: {dropout: 0.2, attention: {dropout: 0.2}, feed_forward: {dropout: 0.2}}}";

// The hidden states of a pass in training, and the gradients of all parameters for some gradient of these.
std::vector<at::Tensor> pass(Seq2SeqModel& model, bool fused) {
  std::vector<at::Tensor> parameters;
  for (const auto& parameter : all_parameters(model)) parameters.push_back(parameter.tensor);
  Context context;
  context.is_training = true;
  context.fused = fused;
  const auto hidden = hidden_states(model, {}, context);
  const auto upstream = random_tensor(Noise(7), hidden.sizes()).to(hidden.scalar_type());
  auto results =
      torch::autograd::grad({hidden}, parameters, {upstream}, /*retain_graph=*/false, /*create_graph=*/false, /*allow_unused=*/true);
  results.insert(results.begin(), hidden.detach());
  for (auto& result : results) {
    if (result.defined() && result.is_sparse()) result = result.to_dense();
  }
  return results;
}

void check_kernels(const ModelBuilder& build, Findings& findings) {
  const auto model = build(with_kernels);
  require_same(*model, "hidden states", pass(*model, true), pass(*model, false), " with kernels", findings);
}

at::Tensor plain_states(Seq2SeqModel& model) {
  auto context = Context::plain();
  return hidden_states(model, {}, context);
}

// The distance of two lists of tensors by the length of the second; what is undefined in either counts as zero.
double relative_distance(const std::vector<at::Tensor>& given, const std::vector<at::Tensor>& expected) {
  double square = 0, whole = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto zero = at::zeros({1}, at::kDouble);
    const auto a = given[i].defined() ? given[i].to(at::kDouble) : zero, b = expected[i].defined() ? expected[i].to(at::kDouble) : zero;
    square += (a - b).square().sum().item<double>();
    whole += b.square().sum().item<double>();
  }
  return std::sqrt(square / whole);
}

// With matrices so small that no layer enlarges what rounding did in the one before.
std::shared_ptr<Seq2SeqModel> gentle(const ModelBuilder& build) {
  auto model = build(with_kernels);
  for (const auto& parameter : all_parameters(*model)) {
    if (parameter.tensor.dim() > 1) parameter.tensor.detach().mul_(0.4);
  }
  return model;
}

void check_bfloat16(const ModelBuilder& build, Findings& findings) {
  const auto exact = gentle(build), rounded = gentle(build);
  rounded->to(at::kBFloat16);
  const auto expected = pass(*exact, false);
  for (const bool fused : {false, true}) {
    const std::string how = fused ? " with kernels" : " without kernels";
    const auto given = pass(*rounded, fused);
    findings.require(given[0].scalar_type() == at::kBFloat16, "hidden states" + how + " are of another type");
    const double of_hidden = relative_distance({given[0]}, {expected[0]}),
                 of_gradients = relative_distance({given.begin() + 1, given.end()}, {expected.begin() + 1, expected.end()});
    findings.require(of_hidden < 0.03, "hidden states" + how + " are off by " + std::to_string(of_hidden) + " of their length");
    findings.require(of_gradients < 0.1, "gradients" + how + " are off by " + std::to_string(of_gradients) + " of their length");
  }
}

void check_decoding(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const auto model = build(with_kernels);
  const auto expected = plain_states(*model);
  const double tolerance = 1e-4 * expected.abs().max().item<double>();
  const auto require = [&](const at::Tensor& hidden, const std::string& what) {
    findings.require(hidden.allclose(expected, 1e-3, tolerance), what + " differ from those without kernels by more than rounding");
  };
  const PackedWeights weights(*model);
  for (const auto* packed : {static_cast<const PackedWeights*>(nullptr), &weights}) {
    const std::string by = packed ? " by packed weights" : "";
    auto context = Context::evaluation(packed);
    require(hidden_states(*model, {}, context), "hidden states" + by);
    require(stepwise_states(*model, {}, 0, context), "hidden states token by token" + by);
    require(stepwise_states(*model, {}, 1, context), "hidden states token by token" + by + " in rows that changed places");
  }
}

void check_rounded_products(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const auto model = gentle(build);
  const auto expected = plain_states(*model);
  for (const auto& [precision, name, tolerance] : {std::tuple(Precision::bf16, "bf16", 0.03), {Precision::int8, "int8", 0.1}}) {
    const PackedWeights weights(*model, precision);
    auto context = Context::evaluation(&weights);
    const double distance = relative_distance({hidden_states(*model, {}, context)}, {expected});
    findings.require(distance < tolerance,
                     std::string("hidden states in ") + name + " are off by " + std::to_string(distance) + " of their length");
  }
}

}  // namespace

std::vector<ModelProperty> kernel_properties() {
  return {{"computes with fused kernels what it computes without", check_kernels},
          {"computes in bfloat16 what it computes in float, but for rounding", check_bfloat16},
          {"decodes with kernels what it decodes without", check_decoding},
          {"decodes in bf16 and int8 what it decodes in float, but for rounding", check_rounded_products}};
}

}  // namespace sublayer::conformance
