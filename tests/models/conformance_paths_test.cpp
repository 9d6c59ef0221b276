// Every variant computes the same on all ways through a model: alone and in a batch, packed and masked, at once and token by token.
#include <ATen/ATen.h>

#include "models/attention/attention.h"
#include "models/feed_forward/feed_forward.h"
#include "tests/models/sentence_pairs.h"
#include "tests/models/variants.h"
#include "tests/support/catch.h"
#include "tests/support/small_model.h"

namespace sublayer::test {
namespace {

std::shared_ptr<Seq2SeqModel> precise_model(const Variant& variant) {
  auto model = small_model(variant);
  model->to(at::kDouble);
  return model;
}

bool are_close(const at::Tensor& a, const at::Tensor& b) { return a.sizes() == b.sizes() && a.allclose(b, 1e-9, 1e-10); }

at::Tensor in_training(Seq2SeqModel& model, const SentencePairs& pairs, uint64_t seed) {
  Context context;
  context.is_training = true;
  context.noise = Noise(seed);
  return hidden_states(model, pairs, context);
}

// Hidden states [B, T, d_model] of the targets, one token a step; after each step the rows are turned by `turn` places.
at::Tensor stepwise_states(Seq2SeqModel& model, const SentencePairs& pairs, int64_t turn) {
  Context context = Context::evaluation();
  auto state = model.start(model.encode(packed_ids(pairs.sources), layout_of(pairs.sources), context));
  const int64_t rows = std::ssize(pairs.targets);
  const int64_t longest = padding_mask_of(pairs.targets).size(1);
  std::vector<at::Tensor> steps;
  for (int64_t t = 0, offset = 0; t < longest; ++t, offset += turn) {
    Ids tokens(rows);  // row r of the state holds sentence (r + offset) % rows
    for (int64_t row = 0; row < rows; ++row) {
      const Ids& target = pairs.targets[(row + offset) % rows];
      tokens[row] = t < std::ssize(target) ? target[t] : 0;
    }
    const auto hidden = model.step(at::tensor(tokens, at::kLong), state, context);
    steps.push_back(hidden.roll(offset % rows, 0));
    state.select(at::arange(rows).roll(-turn, 0));
  }
  return at::stack(steps, 1);
}

}  // namespace

TEST_CASE("every variant is causal: another token changes nothing before it and nothing in other sentences") {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = precise_model(variant);
      const auto before = hidden_states(*model, pairs);
      const int64_t start = std::ssize(pairs.targets[0]), length = std::ssize(pairs.targets[1]);  // the second sentence's rows
      for (int64_t t = 0; t < length; ++t) {
        INFO("token " << t);
        SentencePairs changed = pairs;
        changed.targets[1][t] = 4 + (changed.targets[1][t] + 1) % 7;
        const auto after = hidden_states(*model, changed);
        CHECK(after.narrow(0, 0, start + t).equal(before.narrow(0, 0, start + t)));
        CHECK(!after[start + t].equal(before[start + t]));
        CHECK(after.narrow(0, start + length, 1).equal(before.narrow(0, start + length, 1)));
      }
    }
  }
}

TEST_CASE("every variant lets the encoder see the whole source, and the decoder all of it") {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = precise_model(variant);
      const auto before = hidden_states(*model, pairs);
      for (size_t s = 0; s < pairs.sources[0].size(); ++s) {
        SentencePairs changed = pairs;
        changed.sources[0][s] = 4 + (changed.sources[0][s] + 1) % 7;
        const auto after = hidden_states(*model, changed);
        CHECK(!after[0].equal(before[0]));
        CHECK(after.narrow(0, 4, 7).equal(before.narrow(0, 4, 7)));
      }
    }
  }
}

TEST_CASE("every variant computes in a batch what it computes for each sentence alone") {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = precise_model(variant);
      std::vector<at::Tensor> alone;
      for (size_t i = 0; i < pairs.sources.size(); ++i) alone.push_back(hidden_states(*model, pairs.alone(i)));
      CHECK(are_close(hidden_states(*model, pairs), at::cat(alone)));
    }
  }
}

TEST_CASE("every variant computes on a padding mask what it computes on lengths") {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = precise_model(variant);
      Context context = Context::evaluation();
      const auto memory = model->encode(packed_ids(pairs.sources), Layout::of_mask(padding_mask_of(pairs.sources)), context);
      const auto hidden = model->decode(packed_ids(pairs.targets), Layout::of_mask(padding_mask_of(pairs.targets)), memory, context);
      CHECK(are_close(hidden, hidden_states(*model, pairs)));
    }
  }
}

TEST_CASE("every variant computes token by token what it computes at once, in whatever rows the sentences are kept") {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = precise_model(variant);
      const auto expected = hidden_states(*model, pairs);
      for (const int64_t turn : {0, 1}) CHECK(are_close(layout_of(pairs.targets).pack(stepwise_states(*model, pairs, turn)), expected));
    }
  }
}

TEST_CASE("every variant drops in training alone, the same for the same noise") {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  const std::string none = "embedding: {dropout: 0}\nlayer: {dropout: 0}";
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto plain = precise_model({variant.name, laid_over(variant.yaml, none), variant.deviation});
      const auto expected = hidden_states(*plain, pairs);
      CHECK(are_close(in_training(*plain, pairs, 1), expected));
      for (const std::string site : {"embedding: {dropout: 0.4}", "layer: {dropout: 0.4}", "layer: {attention: {dropout: 0.4}}",
                                     "layer: {feed_forward: {dropout: 0.4}}"}) {
        INFO(site);
        const auto model = precise_model({variant.name, laid_over(laid_over(variant.yaml, none), site), variant.deviation});
        CHECK(hidden_states(*model, pairs).equal(expected));
        const auto dropped = in_training(*model, pairs, 1);
        CHECK(!dropped.allclose(expected, 1e-6, 1e-6));
        CHECK(dropped.isfinite().all().item<bool>());
        CHECK(in_training(*model, pairs, 1).equal(dropped));
        CHECK(!in_training(*model, pairs, 2).allclose(dropped, 1e-6, 1e-6));
      }
    }
  }
}

TEST_CASE("every attention that drops next to nothing computes what it computes without dropout") {
  const at::NoGradGuard no_gradients;
  const SentencePairs pairs;
  for (const auto& name : Registry<attention::Attention>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const std::string yaml = "{embedding: {dropout: 0}, layer: {dropout: 0, attention: {type: " + name + ", dropout: 1.0e-12}}}";
      const auto model = precise_model({name, yaml});  // which takes the plain way, dropout being inside, and not the fused one
      CHECK(are_close(in_training(*model, pairs, 1), hidden_states(*model, pairs)));
    }
  }
}

}  // namespace sublayer::test
