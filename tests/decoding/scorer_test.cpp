#include "src/decoding/scorer.h"

#include "tests/support/catch.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

#include "data/tokenizer/tokenizer.h"
#include "src/decoding/search/growth.h"
#include "tests/decoding/random_sentences.h"
#include "tests/support/small_model.h"

namespace sublayer::decoding {
namespace {

using test::random_sentences;

constexpr int64_t vocabulary = 11;

data::Dataset random_pairs(int64_t count) {
  return {random_sentences(count, 8, vocabulary, "source"), random_sentences(count, 8, vocabulary, "target")};
}

}  // namespace

TEST_CASE("a target's log-probability is the sum over cached steps") {
  for (const std::string yaml : {"{}", "layer: {residual: pre, norm: rms_norm}", "position: learned", "embedding: {tie: decoder}"}) {
    INFO(yaml);
    const auto model = test::small_model(yaml);
    const auto pairs = random_pairs(12);
    const auto scores = score_all(*model, pairs, {});
    for (int64_t i = 0; i < pairs.size(); ++i) {
      auto source = pairs.source[i].ids(), target = pairs.target[i].ids();
      source.push_back(tokenizer::end_id);
      target.push_back(tokenizer::end_id);
      search::Growth growth(*model, at::tensor(source, at::kLong), Layout::of_lengths({std::ssize(source)}), nullptr, Context::plain());
      double sum = 0;
      int64_t latest = tokenizer::begin_id, correct = 0;
      REQUIRE(scores[i].token_log_probabilities.size() == target.size());
      for (size_t t = 0; t < target.size(); ++t) {
        const auto next = growth.next({latest});
        latest = target[t];
        const double log_probability = next.at(0, latest);
        CHECK(scores[i].token_log_probabilities[t] == Approx(log_probability).margin(1e-5));
        correct += next.most_probable(0) == latest;
        sum += log_probability;
      }
      CHECK(scores[i].log_probability == Approx(sum).margin(1e-4));
      CHECK(scores[i].correct_tokens == correct);
    }
  }
}

TEST_CASE("next-token probabilities sum to one after any beginning") {
  const auto model = test::small_model();
  const data::Dataset one_token_each{std::vector(vocabulary, std::vector<int64_t>{4, 7}), [] {
                                       std::vector<std::vector<int64_t>> targets;
                                       for (int64_t id = 0; id < vocabulary; ++id) targets.push_back({5, id});
                                       return targets;
                                     }()};
  double sum = 0;
  for (const auto& score : score_all(*model, one_token_each, {})) sum += std::exp(score.token_log_probabilities[1]);
  CHECK(sum == Approx(1).margin(1e-5));
}

TEST_CASE("scores do not depend on the batch, with padding or without") {
  const auto model = test::small_model();
  const auto pairs = random_pairs(40);
  const auto batched = score_all(*model, pairs, {.max_tokens = 4096});
  for (int64_t i = 0; i < pairs.size(); ++i) {
    const auto alone = score_all(*model, {{pairs.source[i].ids()}, {pairs.target[i].ids()}}, {}).front();
    CHECK(batched[i].log_probability == Approx(alone.log_probability).margin(1e-4));
  }
}

TEST_CASE("the likelihood of a data set is the same with any number of workers, bit for bit") {
  const auto model = test::small_model();
  const auto pairs = random_pairs(60);
  const auto expected = likelihood_of(*model, pairs, {.workers = 1, .max_tokens = 50});
  int64_t tokens = 0;
  pairs.target.for_each([&](const data::Sentence& target) { tokens += target.size() + 1; });
  CHECK(expected.tokens == tokens);
  for (const int workers : {2, 7}) {
    const auto found = likelihood_of(*model, pairs, {.workers = workers, .max_tokens = 50});
    CHECK(found.negative_log_likelihood == expected.negative_log_likelihood);
    CHECK(found.tokens == expected.tokens);
    CHECK(found.correct_tokens == expected.correct_tokens);
  }
  const auto other = likelihood_of(*model, pairs, {.max_tokens = 500});
  CHECK(other.negative_log_likelihood == Approx(expected.negative_log_likelihood).epsilon(1e-6));
  CHECK(likelihood_of(*model, {}, {}).tokens == 0);
}

TEST_CASE("the likelihood of a data set is the sum of its targets") {
  const auto model = test::small_model();
  const auto pairs = random_pairs(300);  // more target tokens than the scorer projects at a time
  const auto sum = likelihood_of(*model, pairs, {.max_tokens = 100000});
  double negative_log_likelihood = 0;
  int64_t correct = 0;
  for (const auto& score : score_all(*model, pairs, {.max_tokens = 100})) {
    negative_log_likelihood -= std::accumulate(score.token_log_probabilities.begin(), score.token_log_probabilities.end(), 0.0);
    correct += score.correct_tokens;
  }
  CHECK(sum.negative_log_likelihood == Approx(negative_log_likelihood).epsilon(1e-6));
  CHECK(sum.correct_tokens == correct);
}

}  // namespace sublayer::decoding
