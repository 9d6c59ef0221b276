// Beam search on a small Transformer, against greedy search and against all sequences that there are.
#include "src/decoding/decoder.h"

#include "tests/support/catch.h"

#include <algorithm>

#include "src/core/errors.h"
#include "src/decoding/length_normalization/length_normalization.h"
#include "src/decoding/scorer.h"
#include "tests/decoding/random_sentences.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"
#include "tests/support/small_model.h"

namespace sublayer::search {
namespace {

using decoding::decode_all;
using test::choice_of;
using test::message_of;
using test::random_sentences;

// Every target of at most `longest` tokens out of `tokens`.
std::vector<std::vector<int64_t>> all_targets(const std::vector<int64_t>& tokens, size_t longest) {
  std::vector<std::vector<int64_t>> targets = {{}};
  for (size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].size() == longest) break;
    for (const int64_t token : tokens) {
      targets.push_back(targets[i]);
      targets.back().push_back(token);
    }
  }
  return targets;
}

struct Scored {
  std::vector<int64_t> ids;
  double score;
};

// All targets of a source, ranked.
std::vector<Scored> rank_all(Seq2SeqModel& model, const std::vector<int64_t>& source, const std::vector<std::vector<int64_t>>& targets,
                             const length_normalization::LengthNormalization& normalization) {
  const data::Dataset dataset{std::vector(targets.size(), source), targets};
  const auto scores = decoding::score_all(model, dataset, {});
  std::vector<Scored> ranked;
  for (size_t i = 0; i < targets.size(); ++i) {
    ranked.push_back({targets[i], normalization.score(scores[i].log_probability, std::ssize(targets[i]) + 1)});
  }
  std::sort(ranked.begin(), ranked.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  return ranked;
}

}  // namespace

TEST_CASE("a beam of one finds what greedy search finds") {
  const auto greedy = choice_of<Search>("greedy").build();
  const std::string settings[] = {"", ", length_normalization: none", ", length_normalization: {type: gnmt, alpha: 0.6}",
                                  ", length_normalization: none, early_stopping: false"};
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const auto model = test::small_model("{}", {11, 11, true}, seed);
    const auto sources = random_sentences(20, 8, 11);
    const auto expected = decode_all(*model, sources, *greedy, {});
    for (const auto& setting : settings) {
      INFO("seed " << seed << setting);
      const auto found = decode_all(*model, sources, *choice_of<Search>("{type: beam, beam_size: 1" + setting + "}").build(), {});
      for (size_t i = 0; i < sources.size(); ++i) {
        REQUIRE(found[i].size() == 1);
        CHECK(found[i][0].ids == expected[i][0].ids);
        CHECK(found[i][0].log_probability == expected[i][0].log_probability);
        CHECK(found[i][0].is_finished == expected[i][0].is_finished);
      }
    }
  }
}

TEST_CASE("a beam wider than the number of targets ranks all of them") {
  constexpr int64_t longest = 4;
  const auto targets = all_targets({1, 4, 5}, longest);  // 121, vocabulary 6 without pad, begin and end
  const auto model = test::small_model("{}", {6, 6, true});
  for (const std::string normalization : {"none", "{type: power, alpha: 1}", "{type: gnmt, alpha: 0.6}"}) {
    for (const std::string early_stopping : {"true", "false"}) {
      INFO(normalization << " early_stopping " << early_stopping);
      const auto search = choice_of<Search>("{type: beam, beam_size: 200, n_best: 200, max_length: 4, early_stopping: " + early_stopping +
                                            ", length_normalization: " + normalization + "}")
                              .build();
      const std::vector<std::vector<int64_t>> sources = {{4, 5, 4}, {}, {5}};
      const auto found = decode_all(*model, sources, *search, {});
      for (size_t i = 0; i < sources.size(); ++i) {
        const auto expected =
            rank_all(*model, sources[i], targets, *choice_of<length_normalization::LengthNormalization>(normalization).build());
        REQUIRE(found[i].size() == targets.size());
        for (size_t n = 0; n < targets.size(); ++n) {
          CHECK(found[i][n].score == Approx(expected[n].score).margin(1e-4));
          const bool is_near_tie = (n > 0 && expected[n - 1].score - expected[n].score < 1e-4) ||
                                   (n + 1 < targets.size() && expected[n].score - expected[n + 1].score < 1e-4);
          if (!is_near_tie) CHECK(found[i][n].ids == expected[n].ids);
        }
      }
    }
  }
}

TEST_CASE("the bound that ends a search early does not change its result") {
  const auto model = test::small_model("{}", {6, 6, true});
  const auto sources = random_sentences(12, 5, 6);
  const auto targets = all_targets({1, 4, 5}, 4);
  for (const std::string normalization : {"none", "{type: power, alpha: 1}", "{type: gnmt, alpha: 0.6}"}) {
    const auto search =
        choice_of<Search>(
            "{type: beam, beam_size: 200, n_best: 3, max_length: 4, early_stopping: false, length_normalization: " + normalization + "}")
            .build();
    const auto found = decode_all(*model, sources, *search, {});
    for (size_t i = 0; i < sources.size(); ++i) {
      const auto expected =
          rank_all(*model, sources[i], targets, *choice_of<length_normalization::LengthNormalization>(normalization).build());
      REQUIRE(found[i].size() == 3);
      for (size_t n = 0; n < 3; ++n) CHECK(found[i][n].score == Approx(expected[n].score).margin(1e-4));
    }
  }
}

TEST_CASE("n-best lists of a beam begin with its best hypothesis") {
  const auto model = test::small_model();
  const auto sources = random_sentences(15, 8, 11);
  const auto best = decode_all(*model, sources, *choice_of<Search>("{type: beam, beam_size: 4}").build(), {});
  const auto lists = decode_all(*model, sources, *choice_of<Search>("{type: beam, beam_size: 4, n_best: 4}").build(), {});
  for (size_t i = 0; i < sources.size(); ++i) {
    CHECK(best[i].size() == 1);
    CHECK(lists[i].size() == 4);
    CHECK(lists[i][0].score >= best[i][0].score - 1e-4);
  }
}

TEST_CASE("options of a beam that make no sense are refused") {
  const auto message = [](const std::string& options) {
    return message_of<ConfigError>([&] { choice_of<Search>("{type: beam, " + options + "}"); });
  };
  CHECK(message("beam_size: 0").find("search.beam_size: must be positive") != std::string::npos);
  CHECK(message("n_best: 0").find("search.n_best: must be positive") != std::string::npos);
  CHECK(message("beam_size: 3, n_best: 4").find("search.n_best: must not exceed beam_size 3") != std::string::npos);
  CHECK(message("max_length: -1").find("search.max_length: must not be negative (0 derives it from the source)") != std::string::npos);
  CHECK(message("length_normalization: {type: powr}").find("Did you mean 'power'?") != std::string::npos);
}

}  // namespace sublayer::search
