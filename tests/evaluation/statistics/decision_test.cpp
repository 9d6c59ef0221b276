#include "src/evaluation/statistics/decision.h"

#include <limits>
#include <stdexcept>
#include <utility>

#include "src/evaluation/statistics/fisher.h"
#include "src/evaluation/statistics/power.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::statistics {
namespace {

using Runs = std::vector<std::optional<double>>;
constexpr auto diverged = std::nullopt;

Decision decide_one(const Runs& arm, const Runs& baseline, const Design& design = {}) {
  const Comparison comparison{arm, baseline};
  return decide(std::span(&comparison, 1), design).front();
}

const Runs decision_baseline = {2.41, 2.38, 2.4, 2.46, 2.33};
const Runs lower_arm = {2.31, 2.29, 2.33, 2.35, 2.28}, noisy_arm = {2.43, 2.39, 2.36, 2.49, 2.34};

}  // namespace

TEST_CASE("a lower loss is better and a lower score is worse") {
  const Decision loss = decide_one(lower_arm, decision_baseline);
  CHECK(loss.verdict == Verdict::better);
  CHECK(loss.sentence == "better by 0.084 (95 % interval 0.0541 to 0.114, adjusted p 0.00146)");
  CHECK(decide_one(lower_arm, decision_baseline, {.higher_is_better = true}).verdict == Verdict::worse);
  const Decision turned = decide_one(decision_baseline, lower_arm);
  CHECK(turned.verdict == Verdict::worse);
  CHECK(turned.sentence == "worse by 0.084 (95 % interval 0.0541 to 0.114, adjusted p 0.00146)");
  CHECK(decide_one(decision_baseline, lower_arm, {.higher_is_better = true}).verdict == Verdict::better);
}

TEST_CASE("p-values are adjusted over the family and intervals are not") {
  const Decision alone = decide_one(lower_arm, decision_baseline);
  const std::vector<Comparison> family = {
      {noisy_arm, decision_baseline}, {lower_arm, decision_baseline}, {{2.0}, {2.0}}, {noisy_arm, decision_baseline}};
  const std::vector<Decision> decisions = decide(family, {});
  CHECK(decisions[1].p == alone.p);
  CHECK(*decisions[1].p_adjusted == Approx(3 * *alone.p));  // the arm with one seed is not tested
  CHECK(decisions[1].interval->low == alone.interval->low);
  CHECK(*decisions[0].p_adjusted == 1);  // 2 p would be more
}

TEST_CASE("a margin makes small differences equivalent, shown to differ or not") {
  const Design design{.margin = 0.1};
  const Decision equivalent = decide_one(noisy_arm, decision_baseline, design);
  CHECK(equivalent.verdict == Verdict::equivalent);
  CHECK(equivalent.sentence ==
        "equivalent: difference 0.006, shown to lie within the margin of 0.1 (95 % interval -0.0275 to 0.0395, adjusted p 0.646, adjusted "
        "p of "
        "equivalence 0.000736)");
  const Design wide{.margin = 0.2};
  CHECK(decide_one(lower_arm, decision_baseline, wide).verdict == Verdict::better_within_margin);
  CHECK(decide_one(decision_baseline, lower_arm, wide).verdict == Verdict::worse_within_margin);
  CHECK(decide_one(decision_baseline, lower_arm, wide).sentence ==
        "worse by 0.084, within the margin of 0.2 (95 % interval 0.0541 to 0.114, adjusted p 0.00146, adjusted p of equivalence 0.000211)");
  CHECK(decide_one(lower_arm, decision_baseline, {.margin = 0.01}).verdict == Verdict::better);
}

TEST_CASE("an undecided comparison says what it may have missed and how many seeds would decide") {
  const Decision decision = decide_one(noisy_arm, decision_baseline);
  CHECK(decision.verdict == Verdict::undecided);
  CHECK(decision.p_equivalence == std::nullopt);
  CHECK(*decision.seeds_to_decide > 50);
  CHECK(decision.sentence ==
        "undecided: difference 0.006 (95 % interval -0.0275 to 0.0395, adjusted p 0.646); with these 5 seeds a difference "
        "below 0.0454 is likely to be missed; about " +
            std::to_string(*decision.seeds_to_decide) + " seeds would decide");
}

TEST_CASE("plans have the power they promise at the level of the next look and in their family") {
  const std::vector<Comparison> family(2, {{1.0, 1.2, 1.15, 0.9}, {0.95, 1.1, 1.2, 0.8}});
  const Design design{.level = 0.025, .next_level = 0.0125};
  const Decision decision = decide(family, design).front();
  const MeanDifference observed = paired(std::vector{1.0, 1.2, 1.15, 0.9}, std::vector{0.95, 1.1, 1.2, 0.8});
  const Spread spread = spread_of(observed, 4);
  const int64_t seeds = decision.seeds_to_decide.value();
  CHECK(power(spread, observed.difference, seeds, 0.0125 / 2) >= 0.8);
  CHECK(power(spread, observed.difference, seeds - 1, 0.0125 / 2) < 0.8);
  CHECK(power(spread, *decision.detectable_difference, 4, 0.025 / 2) == Approx(0.8).epsilon(1e-5));
  CHECK(decision.sentence.find("97.5 % interval") != std::string::npos);

  // With a margin either way of deciding will do.
  const Decision with_margin = decide(family, {.margin = 0.5}).front();
  if (with_margin.verdict == Verdict::undecided) CHECK(*with_margin.seeds_to_decide < seeds);
}

TEST_CASE("more than a thousand seeds are not counted") {
  const Decision decision = decide_one({1, 2, 3}, {1.5, 2, 2.5});
  CHECK(decision.seeds_to_decide == too_many_seeds);
  CHECK(decision.sentence.find("; more than 1000 seeds would be needed to decide") != std::string::npos);
}

TEST_CASE("one seed gives no verdict") {
  const Decision decision = decide_one({2.0}, {1.0}, {.margin = 0.1});
  CHECK(decision.verdict == Verdict::none);
  CHECK(decision.sentence == "one seed: no verdict");
  CHECK(decision.difference == 1.0);
  CHECK(decision.p == std::nullopt);
  CHECK(decision.interval == std::nullopt);
  CHECK(decide_one({diverged}, {1.0}).sentence == "one seed: no verdict (diverged 1 of 1, baseline 0 of 1)");
  CHECK(decide_one({}, {}).sentence == "no seeds: no verdict");
  CHECK(decide({}, {}).empty());
}

TEST_CASE("identical arms are equivalent if there is a margin and otherwise undecided") {
  const std::string words = ": arm and baseline gave the same value with each seed; perhaps what the arm changes has no effect at all";
  for (const Test test : {Test::paired, Test::welch}) {
    const Decision decision = decide_one(lower_arm, lower_arm, {.test = test});
    CHECK(decision.verdict == Verdict::undecided);
    CHECK(decision.sentence == "undecided" + words);
    CHECK(decision.is_identical);
    CHECK(decision.p == 1.0);
    const Decision with_margin = decide_one(lower_arm, lower_arm, {.test = test, .margin = 1e-6});
    CHECK(with_margin.verdict == Verdict::equivalent);
    CHECK(with_margin.sentence == "equivalent" + words);
  }
}

TEST_CASE("a constant difference decides with a warning") {
  const Decision decision = decide_one({0.3, 0.4, 0.9}, {0.1, 0.2, 0.7});
  CHECK(decision.verdict == Verdict::worse);
  CHECK(decision.has_constant_difference);
  CHECK(decision.p == 0.0);
  CHECK(decision.sentence == "worse by 0.2, the same with each seed: seeds had no effect, so 3 seeds tell no more than one");
  CHECK(decide_one({0.1, 0.2, 0.7}, {0.3, 0.4, 0.9}, {.margin = 0.5}).sentence ==
        "better by 0.2, within the margin of 0.5, the same with each seed: seeds had no effect, so 3 seeds tell no more than one");
  CHECK(decide_one({2, 2}, {1, 1}, {.test = Test::welch}).verdict == Verdict::worse);
}

TEST_CASE("diverged runs are counted, and the mean of survivors decides nothing") {
  // The survivors are far better than the baseline, with a tiny p.
  const Decision few = decide_one({1.0, 1.01, diverged}, {2.0, 2.01, 2.02}, {.margin = 10});
  CHECK(few.verdict == Verdict::undecided);
  CHECK(few.p == Approx(1));
  CHECK(few.p_equivalence == std::nullopt);
  CHECK(few.arm_diverged == 1);
  CHECK(*few.difference == Approx(-1));
  CHECK(few.sentence ==
        "undecided: diverged 1 of 3, baseline 0 of 3 (Fisher's exact test, adjusted p 1); the same shares would be significant "
        "with " +
            std::to_string(runs_for_significance(1, 0, 3, 0.05)) +
            " seeds; among pairs that did not diverge the difference is -1 (95 % interval -1 to -1), which decides nothing");

  const Runs all_diverged(5, diverged), converged = {1.0, 1.1, 1.2, 1.3, 1.4};
  const Decision worse = decide_one(all_diverged, converged, {.higher_is_better = true});
  CHECK(worse.verdict == Verdict::worse);
  CHECK(worse.p == Approx(2.0 / 252));
  CHECK(worse.sentence == "worse: diverged 5 of 5, baseline 0 of 5 (Fisher's exact test, adjusted p 0.00794)");
  CHECK(decide_one(converged, all_diverged).verdict == Verdict::better);

  const Decision both = decide_one({diverged, 1.0, 1.1}, {1.0, diverged, 1.2});
  CHECK(both.sentence ==
        "undecided: diverged 1 of 3, baseline 1 of 3 (Fisher's exact test, adjusted p 1); as many runs diverged on either side, which more "
        "seeds "
        "of that kind would not decide; among pairs that did not diverge the difference is -0.1, which decides nothing");
}

TEST_CASE("the adjusted p of diverged runs decides") {
  const Runs all_diverged(4, diverged), converged = {1.0, 1.1, 1.2, 1.3};
  CHECK(decide_one(all_diverged, converged).verdict == Verdict::worse);  // p = 2 / 70
  const std::vector<Comparison> family = {{all_diverged, converged}, {{1.0, 1.2, 1.1, 1.3}, converged}};
  const Decision adjusted = decide(family, {}).front();
  CHECK(*adjusted.p_adjusted == Approx(4.0 / 70));
  CHECK(adjusted.verdict == Verdict::undecided);
  CHECK(adjusted.seeds_to_decide == 5);
}

TEST_CASE("a value that is not finite is a diverged run") {
  const double infinity = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();
  CHECK(decide_one({infinity, not_a_number, 1}, {1, 2, 3}).arm_diverged == 2);
}

TEST_CASE("Welch's test ignores which seed is which") {
  const Runs shuffled(decision_baseline.rbegin(), decision_baseline.rend());
  const Design design{.test = Test::welch};
  CHECK(*decide_one(lower_arm, decision_baseline, design).p == Approx(*decide_one(lower_arm, shuffled, design).p));
  CHECK(*decide_one(lower_arm, decision_baseline, design).p == Approx(0.01252525878421993));
}

TEST_CASE("designs and comparisons that make no sense are refused") {
  using Error = std::invalid_argument;
  CHECK(test::message_of<Error>([] { decide_one({1, 2}, {1}); }) == "an arm has 2 seeds and its baseline 1");
  CHECK(test::message_of<Error>([] { decide_one({1, 2}, {1, 2}, {.level = 0}); }) == "level lies between 0 and 1, not 0.000000");
  CHECK(test::message_of<Error>([] { decide_one({1, 2}, {1, 2}, {.next_level = 1}); }) == "next_level lies between 0 and 1");
  CHECK(test::message_of<Error>([] { decide_one({1, 2}, {1, 2}, {.margin = 0}); }) == "margin must be positive");
}

}  // namespace sublayer::statistics
