// A model computes on a GPU what it computes on the CPU.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "models/device.h"
#include "src/conformance/property.h"
#include "src/conformance/same_gradients.h"
#include "src/training/loss/loss.h"

namespace sublayer::conformance {

std::vector<at::Tensor> loss_and_gradients(Seq2SeqModel& model, const Context& given) {
  const SentencePairs pairs;
  std::vector<at::Tensor> parameters;
  for (const auto& parameter : all_parameters(model)) parameters.push_back(parameter.tensor);
  Context context = given;
  const auto hidden = hidden_states(model, pairs, context);
  const auto loss = Choice<loss::Loss>("cross_entropy")
                        .build()
                        ->forward(hidden, model.output_projection(), packed_ids(pairs.targets, model.device()), context);
  auto results = torch::autograd::grad({loss}, parameters, {}, /*retain_graph=*/false, /*create_graph=*/false, /*allow_unused=*/true);
  results.insert(results.begin(), loss.detach());
  return results;
}

namespace {

void check_training(Seq2SeqModel& model, Findings& findings) {
  Context context;
  context.is_training = true;
  const auto once = loss_and_gradients(model, context), again = loss_and_gradients(model, context);
  for (size_t i = 0; i < once.size(); ++i) {
    if (!once[i].defined()) continue;
    findings.require(once[i].device() == model.device(), "a gradient in training is on another device");
    findings.require(once[i].isfinite().all().item<bool>(), "a gradient in training is not finite");
    findings.require(once[i].allclose(again[i], 1e-2, 1e-2 * once[i].abs().max().item<double>()),
                     "the same noise gives other gradients in training");
  }
}

}  // namespace

void check_device(const ModelBuilder& build, at::Device device, Findings& findings) {
  const auto here = build("{}"), there = build("{}");
  there->to(device);
  {
    const at::NoGradGuard no_gradients;
    const auto expected = hidden_states(*here, {});
    const auto require = [&](const at::Tensor& hidden, const std::string& what) {
      findings.require(hidden.device() == device, what + " are on another device");
      findings.require(hidden.to(at::kCPU).allclose(expected, 1e-3, 1e-4 * expected.abs().max().item<double>()),
                       what + " differ by more than rounding");
    };
    auto context = Context::evaluation();
    require(hidden_states(*there, {}), "hidden states");
    require(stepwise_states(*there, {}, 1, context), "hidden states token by token");
  }
  require_same(*here, "the loss", loss_and_gradients(*there, Context::plain()), loss_and_gradients(*here, Context::plain()),
               " on " + device.str(), findings);
  check_training(*there, findings);
  there->to(at::kBFloat16);
  check_training(*there, findings);
}

std::vector<ModelProperty> device_properties() {
  return {{"computes on a GPU what it computes on the CPU", [](const ModelBuilder& build, Findings& findings) {
             const auto device = device_named("auto");
             if (device.is_cpu()) return findings.except("not looked at on a GPU", "LibTorch finds none here");
             check_device(build, device, findings);
           }}};
}

}  // namespace sublayer::conformance
