#include <ATen/ATen.h>

#include <map>

#include "src/conformance/property.h"
#include "src/core/errors.h"

namespace sublayer::conformance {
namespace {

// Rates of dropout that the parts of a model may have.
const std::vector<std::string> rates = {"{embedding: {dropout: 0.4}}",
                                        "{layer: {dropout: 0.4}}",
                                        "{layer: {attention: {dropout: 0.4}}}",
                                        "{layer: {feed_forward: {dropout: 0.4}}}",
                                        "{embedding: {source_word_dropout: 0.4, target_word_dropout: 0.4}}",
                                        "{layer: {branch: {stochastic_depth: 0.4}}}"};

at::Tensor in_training(Seq2SeqModel& model, uint64_t seed, std::map<std::string, double>* dropout_sites = nullptr) {
  Context context;
  context.is_training = true;
  context.noise = Noise(seed);
  context.dropout_sites = dropout_sites;
  return hidden_states(model, {}, context);
}

// Named sites of dropout say whether anything is to be random.
void check_passes(Seq2SeqModel& model, bool must_drop, const std::string& where, Findings& findings) {
  const auto expected = hidden_states(model, {}), once = in_training(model, 1);
  std::map<std::string, double> named;
  in_training(model, 1, &named);
  findings.require(hidden_states(model, {}).equal(expected), "hidden states out of training change from pass to pass" + where);
  findings.require(in_training(model, 1).equal(once), "the same noise gives other hidden states in training" + where);
  findings.require(once.isfinite().all().item<bool>(), "a hidden state is not finite in training" + where);
  if (named.empty()) {
    findings.require(!must_drop, "no site of dropout is named in training" + where);
    findings.require(are_close(once, expected), "training changes hidden states, but no site of dropout is named" + where);
  } else {
    findings.require(!once.allclose(expected, 1e-6, 1e-6), named.begin()->first + " drops nothing in training" + where);
    findings.require(!in_training(model, 2).allclose(once, 1e-6, 1e-6), "other noise gives the same hidden states in training" + where);
  }
}

void check_noise(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const auto over_none = [](const std::string& rate) {
    return config::to_yaml(config::merge(yaml("{embedding: {dropout: 0}, layer: {dropout: 0}}"), yaml(rate)));
  };
  const auto built = [&](const std::string& rate) {
    auto model = build(over_none(rate));
    model->to(at::kDouble);
    return model;
  };
  check_passes(*built("{}"), false, "", findings);
  for (const auto& rate : rates) {
    std::shared_ptr<Seq2SeqModel> model;
    try {
      model = built(rate);
    } catch (const ConfigError& refusal) {
      findings.except("has no " + rate, refusal.what());
      continue;
    }
    check_passes(*model, true, " with " + rate, findings);
  }
}

}  // namespace

std::vector<ModelProperty> noise_properties() { return {{"draws noise in training alone, the same for the same noise", check_noise}}; }

}  // namespace sublayer::conformance
