// What every search promises, whatever its variant, on a small Transformer.
#include "src/decoding/decoder.h"

#include "tests/support/catch.h"

#include <ATen/ATen.h>

#include <set>

#include "data/tokenizer/tokenizer.h"
#include "src/decoding/scorer.h"
#include "tests/decoding/random_sentences.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"

namespace sublayer::search {
namespace {

using decoding::decode_all;
using test::choice_of;
using test::random_sentences;
using NBest = std::vector<Hypothesis>;

constexpr int64_t vocabulary = 11;

void check_equal_up_to_rounding(const std::vector<NBest>& a, const std::vector<NBest>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    INFO("sentence " << i);
    REQUIRE(a[i].size() == b[i].size());
    for (size_t n = 0; n < a[i].size(); ++n) CHECK(a[i][n].score == Approx(b[i][n].score).margin(1e-4));
  }
}

template <class Check>
void for_each_search(const Check& check) {
  for (const auto& name : Registry<Search>::instance().names()) {
    INFO("search " << name);
    check(*choice_of<Search>("{type: " + name + ", max_length_factor: 1.5, max_length_offset: 4}").build());
  }
}

}  // namespace

TEST_CASE("every search returns well-formed hypotheses with the probability that the model gives them") {
  const auto model = test::small_model();
  const auto sources = random_sentences(23, 9, vocabulary);
  for_each_search([&](const Search& search) {
    const auto found = decode_all(*model, sources, search, {});
    REQUIRE(found.size() == sources.size());
    std::vector<std::vector<int64_t>> best_sources, best_targets;
    for (size_t i = 0; i < found.size(); ++i) {
      INFO("sentence " << i);
      REQUIRE(!found[i].empty());
      std::set<std::vector<int64_t>> distinct;
      for (size_t n = 0; n < found[i].size(); ++n) {
        const auto& hypothesis = found[i][n];
        CHECK(std::ssize(hypothesis.ids) <= search.max_length(std::ssize(sources[i])));
        for (const int64_t id : hypothesis.ids) {
          CHECK((id == tokenizer::unknown_id || (id >= tokenizer::num_special_ids && id < vocabulary)));
        }
        if (n > 0) CHECK(hypothesis.score <= found[i][n - 1].score);
        distinct.insert(hypothesis.ids);
        best_sources.push_back(sources[i]);
        best_targets.push_back(hypothesis.ids);
      }
      CHECK(distinct.size() == found[i].size());
    }
    const auto scores = decoding::score_all(*model, {best_sources, best_targets}, {});
    size_t next = 0;
    for (const auto& hypotheses : found) {
      for (const auto& hypothesis : hypotheses) {
        CHECK(hypothesis.log_probability == Approx(scores[next++].log_probability).margin(1e-4));
      }
    }
  });
}

TEST_CASE("every search finds the same in a batch as sentence by sentence") {
  for (const std::string yaml : {"{}", "layer: {residual: pre}", "position: learned"}) {
    INFO(yaml);
    const auto model = test::small_model(yaml);
    const auto sources = random_sentences(17, 9, vocabulary);
    for_each_search([&](const Search& search) {
      std::vector<NBest> single;
      for (const auto& source : sources) single.push_back(decode_all(*model, {source}, search, {}).front());
      check_equal_up_to_rounding(decode_all(*model, sources, search, {.max_tokens = 1000}), single);
      check_equal_up_to_rounding(decode_all(*model, sources, search, {.max_tokens = 23}), single);
    });
  }
}

TEST_CASE("every search finds with kernels what it finds with plain operators, whatever the model") {
  for (const std::string yaml : {"{}", "layer: {residual: pre, norm: rms_norm, attention: {key_value_heads: 1, query_key_norm: rms_norm}}",
                                 "position: rotary", "position: relative_bias", "position: alibi", "layer: {block: merged_attention}",
                                 "layer: {block: parallel, attention: {gate: head}}", "layer: {attention: {soft_cap: 0.5}}",
                                 "decoder: {layer: {self_attention: {window: 2}}}", "embedding: {output_soft_cap: 0.5}"}) {
    INFO(yaml);
    const auto model = test::small_model(yaml);
    const auto sources = random_sentences(11, 9, vocabulary);
    for_each_search([&](const Search& search) {
      std::vector<NBest> plain;
      for (auto source : sources) {
        const std::vector<int64_t> limit = {search.max_length(std::ssize(source))};
        source.push_back(tokenizer::end_id);
        const auto layout = Layout::of_lengths({std::ssize(source)});
        plain.push_back(search.run(*model, at::tensor(source, at::kLong), layout, limit, nullptr, Context::plain()).front());
      }
      check_equal_up_to_rounding(decode_all(*model, sources, search, {}), plain);
    });
  }
}

TEST_CASE("every search finds the same with any number of workers, bit for bit") {
  const auto model = test::small_model();
  const auto sources = random_sentences(40, 9, vocabulary);
  for_each_search([&](const Search& search) {
    const auto expected = decode_all(*model, sources, search, {.workers = 1, .max_tokens = 30});
    for (const int workers : {2, 3, 16}) {
      const auto found = decode_all(*model, sources, search, {.workers = workers, .max_tokens = 30});
      REQUIRE(found.size() == expected.size());
      for (size_t i = 0; i < found.size(); ++i) {
        REQUIRE(found[i].size() == expected[i].size());
        for (size_t n = 0; n < found[i].size(); ++n) {
          CHECK(found[i][n].ids == expected[i][n].ids);
          CHECK(found[i][n].score == expected[i][n].score);
        }
      }
    }
  });
}

TEST_CASE("every search decodes an empty source and honours a length limit of nothing") {
  const auto model = test::small_model();
  for_each_search([&](const Search& search) {
    const auto found = decode_all(*model, {{}, {4, 5}, {}}, search, {});
    REQUIRE(found.size() == 3);
    CHECK(found[0].front().log_probability == Approx(found[2].front().log_probability));
  });
  for (const auto& name : Registry<Search>::instance().names()) {
    const auto search = choice_of<Search>("{type: " + name + ", max_length_factor: 0, max_length_offset: 0}").build();
    const auto found = decode_all(*model, {{4, 5, 6}}, *search, {});
    REQUIRE(found.front().size() == 1);
    CHECK(found.front().front().ids.empty());
  }
}

TEST_CASE("every search shows its steps to a follower, and what it finds is among them") {
  // Keeps what each row has become: its ids and their log-probability.
  struct Rows : Follower {
    struct Row {
      std::vector<int64_t> ids;
      double log_probability = 0;
    };
    std::vector<Row> rows = {{}};
    std::vector<Row> ended;  // each row of each step, with the end symbol after it
    std::optional<decoding::LogProbabilities> latest;
    void grew(const std::vector<int64_t>& tokens, const decoding::LogProbabilities& next) override {
      REQUIRE(tokens.size() == rows.size());
      REQUIRE(next.places() == std::ssize(rows));
      for (size_t i = 0; i < rows.size(); ++i) {
        if (latest) {
          rows[i].ids.push_back(tokens[i]);
          rows[i].log_probability += latest->at(parents[i], tokens[i]);
        } else {
          CHECK(tokens[i] == tokenizer::begin_id);
        }
        const double end = next.at(static_cast<int64_t>(i), tokenizer::end_id);
        ended.push_back({rows[i].ids, rows[i].log_probability + end});
      }
      latest = next;
    }
    void went_on(const std::vector<int64_t>& chosen) override {
      std::vector<Row> next;
      for (const int64_t row : chosen) next.push_back(rows[row]);
      rows = next;
      parents = chosen;
    }
    std::vector<int64_t> parents;
  };
  const auto model = test::small_model();
  for_each_search([&](const Search& search) {
    for (const auto& source : random_sentences(6, 9, vocabulary)) {
      auto ids = source;
      ids.push_back(tokenizer::end_id);
      const auto layout = Layout::of_lengths({std::ssize(ids)});
      Rows rows;
      const auto found = search.run(*model, at::tensor(ids, at::kLong), layout, {search.max_length(std::ssize(source))}, &rows)[0];
      const auto alone = search.run(*model, at::tensor(ids, at::kLong), layout, {search.max_length(std::ssize(source))})[0];
      REQUIRE(found.size() == alone.size());
      for (size_t n = 0; n < found.size(); ++n) {
        CHECK(found[n].ids == alone[n].ids);
        const auto row = std::find_if(rows.ended.begin(), rows.ended.end(), [&](const auto& one) { return one.ids == found[n].ids; });
        REQUIRE(row != rows.ended.end());
        CHECK(row->log_probability == Approx(found[n].log_probability).margin(1e-4));
      }
    }
  });
}

TEST_CASE("every search leaves parameters and gradients alone") {
  const auto model = test::small_model();
  std::vector<at::Tensor> before;
  for (const auto& parameter : all_parameters(*model)) before.push_back(parameter.tensor.detach().clone());
  for_each_search([&](const Search& search) { decode_all(*model, random_sentences(5, 6, vocabulary), search, {}); });
  size_t next = 0;
  for (const auto& parameter : all_parameters(*model)) {
    CHECK(at::equal(parameter.tensor.detach(), before[next++]));
    CHECK(!parameter.tensor.grad().defined());
  }
}

}  // namespace sublayer::search
