#include <ATen/ATen.h>

#include <cmath>
#include <map>

#include "src/decoding/decoder.h"
#include "tests/decoding/random_sentences.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"

namespace sublayer::search {
namespace {

using decoding::decode_all;
using test::choice_of;

const std::vector<int64_t> source = {4, 5, 6};

// How often each target of at most one token was drawn.
std::map<std::vector<int64_t>, double> shares(const std::string& options, int64_t count = 4000) {
  const auto model = test::small_model();
  const auto search = choice_of<Search>("{type: sample, max_length: 1, n_best: " + std::to_string(count) + options + "}").build();
  std::map<std::vector<int64_t>, double> list;
  const auto found = decode_all(*model, {source}, *search, {}).front();
  for (const auto& one : found) list[one.ids] += 1.0 / static_cast<double>(count);
  return list;
}

// Keeps the log-probabilities of the first step.
struct FirstStep : Follower {
  at::Tensor log_probabilities;
  void grew(const std::vector<int64_t>&, const decoding::LogProbabilities& next) override {
    if (log_probabilities.defined()) return;
    log_probabilities = at::empty({next.vocabulary()});
    for (int64_t id = 0; id < next.vocabulary(); ++id) log_probabilities[id] = next.at(0, id);
  }
  void went_on(const std::vector<int64_t>&) override {}
};

}  // namespace

TEST_CASE("tokens are drawn as often as the model finds them probable") {
  const auto model = test::small_model();
  FirstStep first;
  auto ids = source;
  ids.push_back(tokenizer::end_id);
  choice_of<Search>("greedy").build()->run(*model, at::tensor(ids, at::kLong), Layout::of_lengths({4}), {1}, &first);
  for (const double temperature : {1.0, 2.0}) {
    const auto drawn = shares(", temperature: " + std::to_string(temperature));
    double all = 0;
    std::map<int64_t, double> expected;
    for (int64_t id = 0; id < first.log_probabilities.size(0); ++id) {
      if (id == tokenizer::pad_id || id == tokenizer::begin_id) continue;
      all += expected[id] = std::exp(first.log_probabilities[id].item<double>() / temperature);
    }
    for (const auto& [id, weight] : expected) {
      INFO("token " << id << " at temperature " << temperature);
      const auto found = drawn.find(id == tokenizer::end_id ? std::vector<int64_t>{} : std::vector<int64_t>{id});
      const double share = weight / all;
      CHECK((found == drawn.end() ? 0 : found->second) == Approx(share).margin(5 * std::sqrt(share * (1 - share) / 4000) + 1e-3));
    }
  }
}

TEST_CASE("temperature, top_k and top_p narrow what is drawn") {
  const auto plain = shares(""), cold = shares(", temperature: 0.0001"), one = shares(", top_k: 1", 50), few = shares(", top_k: 3"),
             nucleus = shares(", top_p: 1.0e-6", 50);
  const auto model = test::small_model();
  const auto greedy = decode_all(*model, {source}, *choice_of<Search>("{type: greedy, max_length: 1}").build(), {})[0][0].ids;
  for (const auto& narrow : {cold, one, nucleus}) {
    REQUIRE(narrow.size() == 1);
    CHECK(narrow.begin()->first == greedy);
  }
  CHECK(few.size() == 3);
  CHECK(plain.size() > 3);
}

TEST_CASE("top_p counts the probabilities that temperature and top_k leave") {
  FirstStep first;
  auto ids = source;
  ids.push_back(tokenizer::end_id);
  const auto model = test::small_model();
  choice_of<Search>("greedy").build()->run(*model, at::tensor(ids, at::kLong), Layout::of_lengths({4}), {1}, &first);
  auto probabilities = (first.log_probabilities / 3).to(at::kDouble).exp();
  probabilities[tokenizer::pad_id] = 0;
  probabilities[tokenizer::begin_id] = 0;
  const auto sorted = std::get<0>((probabilities / probabilities.sum()).sort(0, true));
  const double three = sorted.narrow(0, 0, 3).sum().item<double>(), two = sorted.narrow(0, 0, 2).sum().item<double>();
  CHECK(shares(", temperature: 3, top_p: " + std::to_string((two + three) / 2)).size() == 3);
  const double of_three = sorted[0].item<double>() / three;
  CHECK(shares(", temperature: 3, top_k: 3, top_p: " + std::to_string(of_three * 0.99), 200).size() == 1);
}

TEST_CASE("samples depend on their source and seed, not on the batch or the place in it") {
  const auto model = test::small_model();
  const auto sources = test::random_sentences(12, 6, 11);
  const auto search = choice_of<Search>("{type: sample, n_best: 3, max_length: 8}").build();
  const auto together = decode_all(*model, sources, *search, {.max_tokens = 1000});
  for (size_t i = 0; i < sources.size(); ++i) {
    const auto alone = decode_all(*model, {sources[i]}, *search, {}).front();
    REQUIRE(alone.size() == 3);
    for (size_t n = 0; n < 3; ++n) CHECK(alone[n].ids == together[i][n].ids);
  }
  const auto other = decode_all(*model, sources, *choice_of<Search>("{type: sample, n_best: 3, max_length: 8, seed: 2}").build(), {});
  int64_t equal = 0;
  for (size_t i = 0; i < sources.size(); ++i) equal += other[i][0].ids == together[i][0].ids;
  CHECK(equal < std::ssize(sources));
}

TEST_CASE("options of sampling that make no sense are refused") {
  CHECK(test::refusal_of<Search>("{type: sample, temperature: 0}") == "test.yaml:1: search.temperature: must be positive");
  CHECK(test::refusal_of<Search>("{type: sample, top_p: 1.5}") == "test.yaml:1: search.top_p: must be above 0 and at most 1");
  CHECK(test::refusal_of<Search>("{type: sample, top_k: -1}") == "test.yaml:1: search.top_k: must not be negative");
}

}  // namespace sublayer::search
