#include "src/experiment/report/decision.h"

#include "src/experiment/report/numbers.h"

#include <algorithm>
#include <utility>

namespace sublayer::experiment::reporting {
namespace {

std::string counted(int64_t count, const std::string& noun) { return std::to_string(count) + " " + noun + (count == 1 ? "" : "s"); }

std::string test_sentence(const Findings& findings) {
  const std::string axis = findings.axis.empty() ? "" : " of " + findings.axis;
  const std::string against = "Each arm" + axis + " is compared with the baseline of its stratum, arm minus baseline, ";
  if (findings.test == "paired") {
    return against +
           "by a two-sided paired t-test over seeds: runs with the same seed share initial values, the order of the data and, where "
           "shapes agree, dropout, so their differences are what is tested.";
  }
  if (findings.test == "welch")
    return against + "by a two-sided Welch test over seeds, without pairing and without assuming equal variances.";
  return against + "by the test \u201c" + findings.test + "\u201d over seeds.";
}

std::string level_sentence(const Findings& findings) {
  std::string text = "The level is " + significant(findings.level, 3) + " for the whole experiment";
  if (findings.level_now != findings.level || findings.look > 1) {
    text += "; this is look " + std::to_string(findings.look) + ", which may spend " + significant(findings.level_now, 3) + " of it";
  }
  return text + ".";
}

std::string family_sentence(const Findings& findings) {
  const int64_t family = std::ssize(findings.comparisons);
  if (family < 2) return "There is one comparison at most, so p values need no correction for many.";
  return "Adjusted p values are corrected by Holm\u2019s method over the family of " + counted(family, "comparison") +
         "; verdicts rest on them. The intervals are at " + percent(1 - findings.level_now) + " each and are not adjusted.";
}

std::string margin_sentence(const Findings& findings) {
  if (!findings.margin)
    return "No margin of equivalence was stated, so no arm can be called equivalent: a large p value is no evidence of equality.";
  return "An arm is equivalent if its difference is shown to lie within \u00b1" + significant(*findings.margin, 4) +
         " by two one-sided tests (TOST), corrected by Holm\u2019s method as well.";
}

std::string lost_sentence(const Findings& findings) {
  int64_t lost = 0, all = 0;
  for (const ArmFindings& arm : findings.arms) {
    all += std::ssize(arm.runs);
    lost += std::count_if(arm.runs.begin(), arm.runs.end(), [](const RunFindings& run) { return run.status != "done"; });
  }
  if (lost == 0) return "All " + counted(all, "run") + " are done.";
  return std::to_string(lost) + " of " + counted(all, "run") +
         (lost == 1 ? " is not done and has no value. It is missing from means and tests and is counted in the table: "
                    : " are not done and have no value. They are missing from means and tests and are counted in the table: ") +
         "an arm that loses runs is judged by its lucky ones.";
}

}  // namespace

std::string interval_name(const Findings& findings) { return percent(1 - findings.level_now) + " interval"; }

std::string direction(const Findings& findings) { return findings.higher_is_better ? "higher is better" : "lower is better"; }

std::string verdict_summary(const Findings& findings) {
  if (findings.comparisons.empty()) return "Nothing is compared: no arm has a baseline.";
  std::vector<std::pair<std::string, int64_t>> counts;
  for (const char* verdict : {"better", "worse", "equivalent", "better within the margin", "worse within the margin", "undecided"}) {
    counts.emplace_back(verdict, 0);
  }
  int64_t without = 0;
  for (const ComparisonFindings& comparison : findings.comparisons) {
    const auto place = std::find_if(counts.begin(), counts.end(), [&](const auto& entry) { return entry.first == comparison.verdict; });
    if (place == counts.end())
      ++without;
    else
      ++place->second;
  }
  if (without > 0) counts.emplace_back("without a verdict", without);
  std::string text = counted(std::ssize(findings.comparisons), "comparison");
  const char* separator = ": ";
  for (const auto& [verdict, count] : counts) {
    if (count == 0) continue;
    text += separator + std::to_string(count) + " " + verdict;
    separator = ", ";
  }
  return text + ".";
}

std::string verdict_sentence(const ComparisonFindings& comparison) {
  const std::string verdict = comparison.verdict.empty() ? "no verdict" : comparison.verdict;
  return comparison.arm + " against " + comparison.baseline + ": " + (comparison.sentence.empty() ? verdict + "." : comparison.sentence);
}

std::vector<std::string> how_it_was_decided(const Findings& findings) {
  std::vector<std::string> sentences;
  sentences.push_back("The primary metric is " + findings.metric + " (" + direction(findings) + "), of the " +
                      (findings.at.empty() ? std::string("evaluated") : findings.at) +
                      " checkpoint of each run. Means and standard deviations are over seeds.");
  sentences.push_back(test_sentence(findings));
  sentences.push_back(level_sentence(findings));
  sentences.push_back(family_sentence(findings));
  sentences.push_back(margin_sentence(findings));
  sentences.push_back(lost_sentence(findings));
  const bool has_items = std::any_of(findings.comparisons.begin(), findings.comparisons.end(),
                                     [](const ComparisonFindings& comparison) { return !comparison.items.empty(); });
  std::string descriptive = "Further metrics, curves, scores by length and examples are descriptive and decide nothing";
  if (has_items) {
    descriptive +=
        "; nor do the tests over the items of the test set, which describe the first seed\u2019s pair of models and do not know that "
        "another seed would give other models";
  }
  sentences.push_back(descriptive + ".");
  return sentences;
}

}  // namespace sublayer::experiment::reporting
