// A model computes the same on all ways through it: alone and in a batch, packed and masked, at once and token by token.
#include <ATen/ATen.h>

#include <algorithm>

#include "src/conformance/property.h"

namespace sublayer::conformance {
namespace {

std::shared_ptr<Seq2SeqModel> precise(const ModelBuilder& build) {
  auto model = build("{}");
  model->to(at::kDouble);
  return model;
}

int64_t other_id(int64_t id) { return 4 + (id + 1) % 7; }

void check_causality(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  const auto model = precise(build);
  const auto before = hidden_states(*model, pairs);
  const int64_t start = std::ssize(pairs.targets[0]), length = std::ssize(pairs.targets[1]);  // the second sentence's rows
  for (int64_t t = 0; t < length; ++t) {
    SentencePairs changed = pairs;
    changed.targets[1][t] = other_id(changed.targets[1][t]);
    const auto after = hidden_states(*model, changed);
    const std::string token = "another target token " + std::to_string(t) + " ";
    findings.require(after.narrow(0, start, t).equal(before.narrow(0, start, t)), token + "changes hidden states before it");
    findings.require(!after[start + t].equal(before[start + t]), token + "does not change its own hidden state");
    findings.require(after.narrow(0, 0, start).equal(before.narrow(0, 0, start)) &&
                         after.narrow(0, start + length, 1).equal(before.narrow(0, start + length, 1)),
                     token + "changes hidden states of other sentences");
  }
}

void check_sight_of_source(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  const auto model = precise(build);
  const auto before = hidden_states(*model, pairs);
  const int64_t first = std::ssize(pairs.targets[0]), others = before.size(0) - first;
  for (size_t s = 0; s < pairs.sources[0].size(); ++s) {
    SentencePairs changed = pairs;
    changed.sources[0][s] = other_id(changed.sources[0][s]);
    const auto after = hidden_states(*model, changed);
    const std::string token = "another source token " + std::to_string(s) + " ";
    findings.require(!after[0].equal(before[0]), token + "does not change the first hidden state of its target");
    findings.require(after.narrow(0, first, others).equal(before.narrow(0, first, others)),
                     token + "changes hidden states of other sentences");
  }
}

void check_batches(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  const auto model = precise(build);
  std::vector<at::Tensor> alone;
  for (size_t i = 0; i < pairs.sources.size(); ++i) alone.push_back(hidden_states(*model, pairs.alone(i)));
  findings.require(are_close(hidden_states(*model, pairs), at::cat(alone)), "a sentence has other hidden states in a batch than alone");
}

void check_masks(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  const auto model = precise(build);
  Context context = Context::evaluation();
  const auto memory = model->encode(packed_ids(pairs.sources), Layout::of_mask(padding_mask_of(pairs.sources)), context);
  const auto hidden = model->decode(packed_ids(pairs.targets), Layout::of_mask(padding_mask_of(pairs.targets)), memory, context);
  findings.require(are_close(hidden, hidden_states(*model, pairs)), "hidden states differ between Layout::of_mask and Layout::of_lengths");
}

void check_steps(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  const auto model = precise(build);
  const auto expected = hidden_states(*model, pairs);
  Context context = Context::evaluation();
  findings.require(are_close(stepwise_states(*model, pairs, 0, context), expected),
                   "hidden states of start and step differ from those of decode");
  findings.require(are_close(stepwise_states(*model, pairs, 1, context), expected),
                   "hidden states are others after the rows of the decoder's state changed places");
}

}  // namespace

std::vector<ModelProperty> path_properties() {
  return {{"is causal: another token changes nothing before it and nothing in other sentences", check_causality},
          {"lets the encoder see the whole source, and the decoder all of it", check_sight_of_source},
          {"computes in a batch what it computes for each sentence alone", check_batches},
          {"computes on a padding mask what it computes on lengths", check_masks},
          {"computes token by token what it computes at once, in whatever rows the sentences are kept", check_steps}};
}

}  // namespace sublayer::conformance
