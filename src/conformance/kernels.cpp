// Kernels that do several steps in one pass give what the plain composition of operators gives.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "src/conformance/property.h"

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
  const auto upstream = random_tensor(Noise(7), hidden.sizes()).to(at::kFloat);
  auto results =
      torch::autograd::grad({hidden}, parameters, {upstream}, /*retain_graph=*/false, /*create_graph=*/false, /*allow_unused=*/true);
  results.insert(results.begin(), hidden.detach());
  return results;
}

void check_kernels(const ModelBuilder& build, Findings& findings) {
  const auto model = build(with_kernels);
  const auto plain = pass(*model, false), fused = pass(*model, true);
  const auto parameters = all_parameters(*model);
  double largest = 0;  // of all gradients: some are zero but for what rounding leaves of sums
  for (size_t i = 1; i < plain.size(); ++i) {
    if (plain[i].defined()) largest = std::max(largest, plain[i].abs().max().item<double>());
  }
  for (size_t i = 0; i < plain.size(); ++i) {
    const std::string what = i == 0 ? "hidden states" : "the gradient of " + parameters[i - 1].name;
    findings.require(plain[i].defined() == fused[i].defined(), what + ": with kernels, there is one where there was none, or none");
    if (!plain[i].defined() || !fused[i].defined()) continue;
    const double scale = plain[i].abs().max().item<double>();
    findings.require(fused[i].allclose(plain[i], 1e-3, 1e-4 * scale + 1e-6 * largest), what + " differ with kernels by more than rounding");
  }
}

}  // namespace

std::vector<ModelProperty> kernel_properties() { return {{"computes with fused kernels what it computes without", check_kernels}}; }

}  // namespace sublayer::conformance
