#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/evaluation/statistics/student.h"

namespace sublayer::statistics {

enum class Test { paired, welch };

// Final values of an arm and of its baseline; one seed stands at one index. A run that diverged has no value (one that is not finite counts
// as none).
struct Comparison {
  std::vector<std::optional<double>> arm, baseline;
};

struct Design {
  Test test = Test::paired;
  double level = 0.05;                              // of this look (looks.h): the chance of any false claim of a difference in the family
  std::optional<double> next_level = std::nullopt;  // of the look that more seeds would lead to, for plans; without it `level`
  std::optional<double> margin = std::nullopt;      // a smaller difference does not matter; without it nothing is called equivalent
  bool higher_is_better = false;
};

enum class Verdict {
  better,
  worse,
  equivalent,            // shown to lie within the margin
  better_within_margin,  // shown to differ, and shown to lie within the margin
  worse_within_margin,
  undecided,
  none  // cannot be tested
};
std::string_view name_of(Verdict verdict);

// What a comparison says. Differences are arm minus baseline, whatever is better.
struct Decision {
  Verdict verdict = Verdict::none;
  std::string sentence;  // the verdict for a reader
  int64_t seeds = 0, arm_diverged = 0, baseline_diverged = 0;
  std::optional<double> difference;     // of means over finite runs (of finite pairs, if paired)
  std::optional<Interval> interval;     // of the difference at 1 - level, for it alone: not widened for the family
  std::optional<double> p, p_adjusted;  // of no difference; adjusted by Holm over the family
  std::optional<double> p_equivalence;  // of a difference beyond the margin; adjusted by Holm over its own family
  std::optional<double> correlation, pairing_gain;
  std::optional<double> detectable_difference;  // found with power 0.8 by these seeds: smaller ones are likely to be missed
  std::optional<int64_t> seeds_to_decide;  // that would decide with power 0.8, if all stays as observed; too_many_seeds: more than 1000
  bool is_identical = false;               // each seed gave arm and baseline the same value
  bool has_constant_difference = false;    // each seed gave the same difference other than 0: seeds changed nothing
};

// Decides about all arms of an experiment at one look. A t-test (paired or Welch's) claims differences, two one-sided t-tests claim
// equivalence within the margin, and where a run diverged Fisher's exact test on the numbers of diverged runs takes the t-test's place,
// since a mean over survivors would flatter. Adjusted p-values are Holm's over the family: the chance of any false claim of a difference is
// at most `level`, and so is that of any false claim of equivalence. At a later look give the whole family again, decided arms too: leaving
// some out would soften the correction by what the data showed. Plans (seeds_to_decide, detectable_difference) assume Bonferroni's share of
// the level, which is enough wherever Holm ends. Throws std::invalid_argument for unequal lengths, a level outside (0, 1) or a margin that
// is not positive.
std::vector<Decision> decide(std::span<const Comparison> family, const Design& design);

}  // namespace sublayer::statistics
