#include "src/experiment/item_evidence.h"

#include "tests/support/catch.h"

#include <string>
#include <vector>

#include "tests/support/choice_of.h"

namespace sublayer::experiment {
namespace {

using test::choice_of;

// The arm is right about the first and wrong about the second item, the baseline the other way round; both agree on the third.
const TestOutputs crossed_outputs = {{"s 1", "s 2", "s 3"}, {"a b", "c d", "e f"}, {"a b", "c x", "e f"}, {"y z", "c d", "e f"}};

}  // namespace

TEST_CASE("examples that differ begin with those that the arm does better, whichever way the metric points") {
  for (const std::string name : {"edit_distance", "exact_match", "chrf"}) {
    INFO(name);
    const auto metric = choice_of<metric::Metric>(name).build();
    const auto examples = differing_examples(crossed_outputs, *metric, "arm", "baseline", 1);
    REQUIRE(examples.size() == 2);
    CHECK(examples[0].source == "s 1");
    CHECK(examples[1].source == "s 2");
    const double sign = metric->higher_is_better() ? 1 : -1;
    CHECK(sign * examples[0].difference > 0);
    CHECK(sign * examples[1].difference < 0);
    CHECK(examples[0].outputs == std::vector<std::pair<std::string, std::string>>{{"baseline", "y z"}, {"arm", "a b"}});
  }
}

TEST_CASE("the difference over items is the arm's score minus the baseline's") {
  const auto metric = choice_of<metric::Metric>("edit_distance").build();
  const auto test = test_items(crossed_outputs, *metric, 100);
  REQUIRE(test);
  CHECK(test->metric == "test.edit_distance");
  CHECK(test->difference == Approx(100 * (1 - 2) / 6.));
  CHECK(test->bootstrap.low <= test->difference);
  CHECK(test->bootstrap.high >= test->difference);
  CHECK_FALSE(test_items(crossed_outputs, *choice_of<metric::Metric>("loss").build(), 100));
}

TEST_CASE("scores by length have every item in one group") {
  const auto metric = choice_of<metric::Metric>("exact_match").build();
  std::vector<std::string> sources, texts;
  for (int length = 1; length <= 8; ++length) {
    sources.push_back(std::string(length, 's'));
    texts.push_back(length % 2 == 0 ? "right" : "wrong");
  }
  const std::vector<std::string> references(sources.size(), "right");
  CHECK(scores_by_length(sources, references, texts, *metric) ==
        std::vector<std::pair<std::string, double>>{{"1-2", 0.5}, {"3-4", 0.5}, {"5-6", 0.5}, {"7-8", 0.5}});
  CHECK(scores_by_length({"\u00e4\u00f6"}, {"a"}, {"a"}, *metric) == std::vector<std::pair<std::string, double>>{{"2", 1.0}});
  CHECK(scores_by_length(sources, references, texts, *choice_of<metric::Metric>("loss").build()).empty());
}

}  // namespace sublayer::experiment
