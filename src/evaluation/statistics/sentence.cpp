#include "src/evaluation/statistics/sentence.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "src/evaluation/statistics/decision.h"
#include "src/evaluation/statistics/power.h"

namespace sublayer::statistics {
namespace {

// Three significant digits; no exponent for large numbers, since people read "1230", not "1.23e+03".
std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3g", value);
  if (std::abs(value) >= 1000 && std::abs(value) < 1e9) std::snprintf(text, sizeof text, "%.0f", std::strtod(text, nullptr));
  return text;
}

std::string seeds_in_words(int64_t seeds) {
  return seeds == too_many_seeds ? "more than " + std::to_string(most_seeds) + " seeds" : std::to_string(seeds) + " seeds";
}

std::string interval_in_words(const Decision& decision, const Design& design, double sign) {
  Interval interval = *decision.interval;
  if (sign < 0) interval = {-interval.high, -interval.low};
  return number(100 * (1 - design.level)) + " % interval " + number(interval.low) + " to " + number(interval.high);
}

// "(95 % interval 0.012 to 0.05, adjusted p 0.004, p of equivalence 0.3)", with the interval in the direction of `sign`.
std::string evidence(const Decision& decision, const Design& design, double sign = 1) {
  std::string text = "(" + interval_in_words(decision, design, sign) + ", adjusted p " + number(*decision.p_adjusted);
  if (decision.p_equivalence) text += ", adjusted p of equivalence " + number(*decision.p_equivalence);
  return text + ")";
}

std::string diverged_counts(const Decision& decision) {
  const std::string seeds = " of " + std::to_string(decision.seeds);
  return "diverged " + std::to_string(decision.arm_diverged) + seeds + ", baseline " + std::to_string(decision.baseline_diverged) + seeds;
}

std::string without_verdict(const Decision& decision) {
  const std::string text = decision.seeds == 0 ? "no seeds: no verdict" : "one seed: no verdict";
  return decision.arm_diverged + decision.baseline_diverged > 0 ? text + " (" + diverged_counts(decision) + ")" : text;
}

std::string with_diverged_runs(const Decision& decision, const Design& design) {
  std::string text = std::string(name_of(decision.verdict)) + ": " + diverged_counts(decision) + " (Fisher's exact test, adjusted p " +
                     number(*decision.p_adjusted) + ")";
  if (decision.seeds_to_decide) {
    if (decision.arm_diverged == decision.baseline_diverged) {
      text += "; as many runs diverged on either side, which more seeds of that kind would not decide";
    } else {
      text += "; the same shares would be significant with " + seeds_in_words(*decision.seeds_to_decide);
    }
  }
  if (!decision.difference) return text;
  text += std::string("; among ") + (design.test == Test::paired ? "pairs" : "runs") + " that did not diverge the difference is " +
          number(*decision.difference);
  if (decision.interval) text += " (" + interval_in_words(decision, design, 1) + ")";
  return text + ", which decides nothing";
}

std::string without_variance(const Decision& decision, const Design& design) {
  if (decision.is_identical) {
    return std::string(name_of(decision.verdict)) +
           ": arm and baseline gave the same value with each seed; perhaps what the arm changes has no effect at all";
  }
  const double size = std::abs(*decision.difference);
  std::string text = decision.verdict == Verdict::better || decision.verdict == Verdict::better_within_margin ? "better by " : "worse by ";
  text += number(size);
  if (design.margin && size < *design.margin) text += ", within the margin of " + number(*design.margin);
  return text + ", the same with each seed: seeds had no effect, so " + std::to_string(decision.seeds) + " seeds tell no more than one";
}

std::string undecided(const Decision& decision, const Design& design) {
  std::string text = "undecided: difference " + number(*decision.difference) + " " + evidence(decision, design);
  text += "; with these " + seeds_in_words(decision.seeds) + " a difference below " + number(*decision.detectable_difference) +
          " is likely to be missed; ";
  if (*decision.seeds_to_decide == too_many_seeds) return text + seeds_in_words(too_many_seeds) + " would be needed to decide";
  return text + "about " + seeds_in_words(*decision.seeds_to_decide) + " would decide";
}

}  // namespace

std::string sentence_of(const Decision& decision, const Design& design) {
  if (decision.verdict == Verdict::none) return without_verdict(decision);
  if (decision.arm_diverged + decision.baseline_diverged > 0) return with_diverged_runs(decision, design);
  if (decision.is_identical || decision.has_constant_difference) return without_variance(decision, design);
  if (decision.verdict == Verdict::undecided) return undecided(decision, design);

  const double sign = *decision.difference < 0 ? -1 : 1;
  const std::string size = number(std::abs(*decision.difference));
  switch (decision.verdict) {
    case Verdict::better:
      return "better by " + size + " " + evidence(decision, design, sign);
    case Verdict::worse:
      return "worse by " + size + " " + evidence(decision, design, sign);
    case Verdict::better_within_margin:
      return "better by " + size + ", within the margin of " + number(*design.margin) + " " + evidence(decision, design, sign);
    case Verdict::worse_within_margin:
      return "worse by " + size + ", within the margin of " + number(*design.margin) + " " + evidence(decision, design, sign);
    default:
      return "equivalent: difference " + number(*decision.difference) + ", shown to lie within the margin of " + number(*design.margin) +
             " " + evidence(decision, design);
  }
}

}  // namespace sublayer::statistics
