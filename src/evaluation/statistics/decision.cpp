#include "src/evaluation/statistics/decision.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/evaluation/statistics/fisher.h"
#include "src/evaluation/statistics/holm.h"
#include "src/evaluation/statistics/power.h"
#include "src/evaluation/statistics/sentence.h"

namespace sublayer::statistics {
namespace {

struct Finite {
  std::vector<double> arm, baseline;
  std::optional<MeanDifference> observed;  // where both sides have two values
};

bool is_finite(const std::optional<double>& value) { return value && std::isfinite(*value); }

void require(bool holds, const std::string& message) {
  if (!holds) throw std::invalid_argument(message);
}

void check(std::span<const Comparison> family, const Design& design) {
  const auto is_level = [](double level) { return level > 0 && level < 1; };
  require(is_level(design.level), "level lies between 0 and 1, not " + std::to_string(design.level));
  require(!design.next_level || is_level(*design.next_level), "next_level lies between 0 and 1");
  require(!design.margin || *design.margin > 0, "margin must be positive");
  for (const Comparison& comparison : family) {
    require(
        comparison.arm.size() == comparison.baseline.size(),
        "an arm has " + std::to_string(comparison.arm.size()) + " seeds and its baseline " + std::to_string(comparison.baseline.size()));
  }
}

Finite finite_runs(const Comparison& comparison, Test test) {
  Finite finite;
  for (size_t i = 0; i < comparison.arm.size(); ++i) {
    const bool arm = is_finite(comparison.arm[i]), baseline = is_finite(comparison.baseline[i]);
    if (test == Test::paired && !(arm && baseline)) continue;
    if (arm) finite.arm.push_back(*comparison.arm[i]);
    if (baseline) finite.baseline.push_back(*comparison.baseline[i]);
  }
  if (finite.arm.size() < 2 || finite.baseline.size() < 2) return finite;
  finite.observed = test == Test::paired ? paired(finite.arm, finite.baseline) : welch(finite.arm, finite.baseline);
  return finite;
}

bool has_diverged_run(const Decision& decision) { return decision.arm_diverged + decision.baseline_diverged > 0; }

// All that one comparison says by itself; p-values are not adjusted yet.
Decision describe(const Comparison& comparison, const Finite& finite, const Design& design) {
  Decision decision;
  decision.seeds = std::ssize(comparison.arm);
  decision.arm_diverged = std::ranges::count_if(comparison.arm, [](const auto& value) { return !is_finite(value); });
  decision.baseline_diverged = std::ranges::count_if(comparison.baseline, [](const auto& value) { return !is_finite(value); });
  if (!finite.arm.empty() && !finite.baseline.empty()) decision.difference = mean(finite.arm) - mean(finite.baseline);
  if (finite.observed) {
    decision.difference = finite.observed->difference;
    decision.interval = finite.observed->interval(1 - design.level);
    if (finite.arm.size() == finite.baseline.size() && (design.test == Test::paired || !has_diverged_run(decision))) {
      decision.correlation = correlation(finite.arm, finite.baseline);
      decision.pairing_gain = pairing_gain(finite.arm, finite.baseline);
    }
  }
  if (decision.seeds < 2) return decision;

  if (has_diverged_run(decision)) {
    decision.p = fisher_p(decision.arm_diverged, decision.seeds, decision.baseline_diverged, decision.seeds);
    return decision;
  }
  decision.is_identical = finite.arm == finite.baseline;
  decision.has_constant_difference = !decision.is_identical && finite.observed->standard_error == 0;
  decision.p = finite.observed->p();
  // Welch's test does not see that arms are identical seed by seed: that is no estimate but a fact.
  if (design.margin) decision.p_equivalence = decision.is_identical ? 0 : finite.observed->p_equivalence(*design.margin);
  return decision;
}

// Adjusts the p-values that `from` names, writes them to `to` and returns the size of their family.
int64_t adjust(std::vector<Decision>& decisions, std::optional<double> Decision::*from, std::optional<double> Decision::*to) {
  std::vector<double> p;
  for (const Decision& decision : decisions) {
    if (decision.*from) p.push_back(*(decision.*from));
  }
  const std::vector<double> adjusted = holm(p);
  size_t next = 0;
  for (Decision& decision : decisions) {
    if (decision.*from) decision.*to = adjusted[next++];
  }
  return std::ssize(p);
}

Verdict verdict_of(const Decision& decision, const Design& design) {
  if (!decision.p_adjusted) return Verdict::none;
  const bool differs = *decision.p_adjusted <= design.level;
  const bool is_within = decision.p_equivalence && *decision.p_equivalence <= design.level;
  if (!differs) return is_within ? Verdict::equivalent : Verdict::undecided;
  const bool is_better = has_diverged_run(decision) ? decision.arm_diverged < decision.baseline_diverged
                                                    : (*decision.difference > 0) == design.higher_is_better;
  if (is_within) return is_better ? Verdict::better_within_margin : Verdict::worse_within_margin;
  return is_better ? Verdict::better : Verdict::worse;
}

struct FamilySizes {
  int64_t differences = 0, equivalences = 0;
};

void plan(Decision& decision, const Finite& finite, const Design& design, const FamilySizes& sizes) {
  if (!decision.p) return;
  const double next_level = design.next_level.value_or(design.level);
  const double level = next_level / static_cast<double>(sizes.differences);
  const bool is_open = decision.verdict == Verdict::undecided;
  if (has_diverged_run(decision)) {
    if (is_open) decision.seeds_to_decide = runs_for_significance(decision.arm_diverged, decision.baseline_diverged, decision.seeds, level);
    return;
  }
  const Spread spread = spread_of(*finite.observed, decision.seeds);
  if (spread.deviation == 0) return;  // more seeds would show the same
  decision.detectable_difference = detectable_difference(spread, decision.seeds, design.level / static_cast<double>(sizes.differences));
  if (!is_open) return;
  decision.seeds_to_decide = seeds_for_difference(spread, *decision.difference, level);
  if (!design.margin) return;
  const double equivalence_level = next_level / static_cast<double>(sizes.equivalences);
  decision.seeds_to_decide =
      std::min(*decision.seeds_to_decide, seeds_for_equivalence(spread, *decision.difference, *design.margin, equivalence_level));
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::better:
      return "better";
    case Verdict::worse:
      return "worse";
    case Verdict::equivalent:
      return "equivalent";
    case Verdict::better_within_margin:
      return "better_within_margin";
    case Verdict::worse_within_margin:
      return "worse_within_margin";
    case Verdict::undecided:
      return "undecided";
    case Verdict::none:
      break;
  }
  return "none";
}

std::vector<Decision> decide(std::span<const Comparison> family, const Design& design) {
  check(family, design);
  std::vector<Finite> finite;
  std::vector<Decision> decisions;
  for (const Comparison& comparison : family) {
    finite.push_back(finite_runs(comparison, design.test));
    decisions.push_back(describe(comparison, finite.back(), design));
  }
  FamilySizes sizes;
  sizes.differences = adjust(decisions, &Decision::p, &Decision::p_adjusted);
  sizes.equivalences = adjust(decisions, &Decision::p_equivalence, &Decision::p_equivalence);
  for (size_t i = 0; i < decisions.size(); ++i) {
    decisions[i].verdict = verdict_of(decisions[i], design);
    plan(decisions[i], finite[i], design, sizes);
    decisions[i].sentence = sentence_of(decisions[i], design);
  }
  return decisions;
}

}  // namespace sublayer::statistics
