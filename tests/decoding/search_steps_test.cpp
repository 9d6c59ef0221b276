// How searches go on and end, on distributions written by hand. Ids: 1 unknown, 3 end, 4 and 5 words.
#include "src/decoding/search/search.h"

#include "tests/support/catch.h"

#include <ATen/ATen.h>

#include "tests/decoding/scripted_model.h"
#include "tests/support/choice_of.h"

namespace sublayer::search {
namespace {

using test::choice_of;
using test::logs;
using test::ScriptedModel;
using Ids = std::vector<int64_t>;

std::vector<std::vector<Hypothesis>> run(const std::string& yaml, ScriptedModel& model, const Ids& sources, const Ids& max_lengths) {
  return choice_of<Search>(yaml).build()->run(model, at::tensor(sources, at::kLong), Layout::of_lengths(Ids(sources.size(), 1)),
                                              max_lengths);
}

// Greedy search takes 4 and then has nothing good left; the best sequence begins with 5.
std::vector<float> garden_path(int64_t, const Ids& target) {
  if (target.empty()) return logs({0, 0, 0, 0, 0.6f, 0.4f});
  if (target.front() == 5) return logs({0, 0, 0, 0.9f, 0.05f, 0.05f});
  return logs({0, 0.25f, 0, 0.25f, 0.25f, 0.25f});
}

// Source s wants s words, then the end.
std::vector<float> as_long_as_source(int64_t source, const Ids& target) {
  return std::ssize(target) < source ? logs({0, 0, 0, 0.1f, 0.5f, 0.4f}) : logs({0, 0, 0, 0.8f, 0.1f, 0.1f});
}

}  // namespace

TEST_CASE("a beam finds a better sequence than greedy search on a garden path") {
  ScriptedModel model(6, garden_path);
  const auto greedy = run("greedy", model, {4}, {9}).front().front();
  const auto beam = run("{type: beam, beam_size: 2, length_normalization: none}", model, {4}, {9}).front().front();
  CHECK(greedy.ids.front() == 4);
  CHECK(beam.ids == Ids{5});
  CHECK(beam.log_probability == Approx(std::log(0.4 * 0.9)));
  CHECK(beam.score == beam.log_probability);
  CHECK(beam.is_finished);
}

TEST_CASE("a finished source leaves the batch at once") {
  ScriptedModel model(6, as_long_as_source);
  const auto found = run("greedy", model, {5, 0, 2}, {20, 20, 20});
  CHECK(found[0][0].ids == Ids(5, 4));
  CHECK(found[1][0].ids.empty());
  CHECK(found[2][0].ids == Ids(2, 4));
  CHECK(model.steps() == 6);
  CHECK(model.rows() == 6 + 1 + 3);
}

TEST_CASE("rows of several sources and hypotheses keep to their own") {
  ScriptedModel model(6, as_long_as_source);
  const auto search = "{type: beam, beam_size: 3, n_best: 3, length_normalization: {type: power, alpha: 1}}";
  const auto together = run(search, model, {4, 0, 3, 1}, {8, 7, 6, 5});
  for (size_t i = 0; i < 4; ++i) {
    const auto alone = run(search, model, {Ids{4, 0, 3, 1}[i]}, {Ids{8, 7, 6, 5}[i]});
    REQUIRE(together[i].size() == 3);
    for (size_t n = 0; n < 3; ++n) {
      CHECK(together[i][n].ids == alone[0][n].ids);
      CHECK(together[i][n].score == Approx(alone[0][n].score).margin(1e-6));
    }
  }
}

TEST_CASE("at the length limit the end symbol follows, and the hypothesis says so") {
  ScriptedModel model(6, as_long_as_source);
  for (const std::string search : {"greedy", "{type: beam, beam_size: 1}"}) {
    INFO(search);
    const auto found = run(search, model, {7, 3, 3}, {3, 3, 4});
    CHECK(found[0][0].ids == Ids{4, 4, 4});
    CHECK(!found[0][0].is_finished);
    CHECK(found[0][0].log_probability == Approx(3 * std::log(0.5) + std::log(0.1)));
    CHECK(found[1][0].ids == Ids{4, 4, 4});
    CHECK(found[1][0].is_finished);
    CHECK(found[2][0].is_finished);
  }
}

TEST_CASE("early stopping takes the first finished hypotheses, without it a longer and better one may come") {
  // The end is likely from the start, but each further word is nearly certain: the mean log-probability grows with the length. A second
  // word alone would not make up for the first.
  const auto script = [](int64_t, const Ids& target) {
    if (target.empty()) return logs({0, 0.15f, 0, 0.5f, 0.2f, 0.15f});
    return std::ssize(target) < 6 ? logs({0, 0, 0, 0.01f, 0.98f, 0.01f}) : logs({0, 0, 0, 0.98f, 0.01f, 0.01f});
  };
  ScriptedModel hasty(6, script), patient(6, script), unnormalised(6, script);
  CHECK(run("{type: beam, beam_size: 1}", hasty, {4}, {12}).front().front().ids.empty());
  CHECK(hasty.steps() == 1);
  CHECK(run("{type: beam, beam_size: 1, early_stopping: false}", patient, {4}, {12}).front().front().ids == Ids(6, 4));
  // A probability only falls: the first finished hypothesis beats all that is less probable already.
  CHECK(run("{type: beam, beam_size: 1, early_stopping: false, length_normalization: none}", unnormalised, {4}, {12})
            .front()
            .front()
            .ids.empty());
  CHECK(unnormalised.steps() == 1);
}

TEST_CASE("an end symbol that is not among the best beam_size candidates finishes nothing") {
  // Second step, by probability: 4 end, 5 4, 5 end, 4 4.
  ScriptedModel model(6, [](int64_t, const Ids& target) {
    if (target.empty()) return logs({0, 0, 0, 0.1f, 0.5f, 0.4f});
    if (target == Ids{4}) return logs({0, 0, 0, 0.6f, 0.3f, 0.1f});
    if (target == Ids{5}) return logs({0, 0, 0, 0.45f, 0.55f, 0});
    return logs({0, 0, 0, 0.98f, 0.01f, 0.01f});
  });
  const auto found = run("{type: beam, beam_size: 2, n_best: 2, length_normalization: none}", model, {4}, {9}).front();
  REQUIRE(found.size() == 2);
  CHECK(found[0].ids == Ids{4});
  CHECK(found[1].ids == Ids{5, 4});
}

TEST_CASE("searches settle equal probabilities by the order of the ids") {
  ScriptedModel model(6, [](int64_t, const Ids&) { return std::vector<float>(6, 0.5f); });
  for (const std::string search : {"greedy", "{type: beam, beam_size: 1}"}) {
    CHECK(run(search, model, {4}, {3}).front().front().ids == Ids{1, 1, 1});
  }
  const auto beam = run("{type: beam, beam_size: 4, n_best: 4}", model, {4}, {1}).front();  // all of one mean log-probability
  CHECK(beam[0].ids.empty());
  CHECK(beam[1].ids == Ids{1});
  CHECK(beam[2].ids == Ids{4});
  CHECK(beam[3].ids == Ids{5});
}

TEST_CASE("a model with broken parameters makes every search fail loudly") {
  for (const auto& name : Registry<Search>::instance().names()) {
    ScriptedModel model(6, [](int64_t, const Ids&) { return std::vector<float>(6, std::nanf("")); });
    CHECK_THROWS_WITH(run(name, model, {4}, {5}), Catch::Contains("the model gives no token a probability"));
  }
}

TEST_CASE("the length limit is derived from the source unless it is given") {
  CHECK(choice_of<Search>("greedy").build()->max_length(9) >= 48);  // the longest command of SCAN has 9 words and 48 actions
  CHECK(choice_of<Search>("{type: greedy, max_length_factor: 1.5, max_length_offset: 2}").build()->max_length(3) == 7);
  CHECK(choice_of<Search>("{type: greedy, max_length_factor: 1.5, max_length_offset: 2}").build()->max_length(0) == 2);
  CHECK(choice_of<Search>("{type: greedy, max_length: 12, max_length_factor: 1.5}").build()->max_length(3) == 12);
}

}  // namespace sublayer::search
