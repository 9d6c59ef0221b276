#include "src/experiment/report/summary.h"

#include "src/experiment/report/numbers.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

template <class Value>
Spread spread_over_runs(const ArmFindings& arm, const Value& value_of) {
  std::vector<double> values;
  for (const RunFindings& run : arm.runs) {
    if (const std::optional<double> value = finite(value_of(run))) values.push_back(*value);
  }
  return spread_of(values);
}

std::optional<double> also_value(const RunFindings& run, size_t metric) {
  return metric < run.also.size() ? run.also[metric] : std::nullopt;
}

// The median deviation: neither an arm without spread nor a wild one should decide for all.
template <class SpreadOf>
int decimals_over_arms(const Findings& findings, const SpreadOf& spread) {
  std::vector<double> deviations;
  double largest = 0;
  for (const ArmFindings& arm : findings.arms) {
    const Spread s = spread(arm);
    if (s.deviation > 0) deviations.push_back(s.deviation);
    if (s.count > 0) largest = std::max(largest, std::abs(s.mean));
  }
  if (deviations.empty()) return decimals_for(largest / 1000);
  std::nth_element(deviations.begin(), deviations.begin() + deviations.size() / 2, deviations.end());
  return decimals_for(std::max(deviations[deviations.size() / 2], largest * 1e-6));
}

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  Spread result;
  result.count = std::ssize(values);
  if (values.empty()) return result;
  const auto count = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / count;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(squares / (count - 1));
  return result;
}

std::optional<double> finite(std::optional<double> value) { return value && std::isfinite(*value) ? value : std::nullopt; }

Spread primary_spread(const ArmFindings& arm) {
  return spread_over_runs(arm, [](const RunFindings& run) { return run.value; });
}

Spread also_spread(const ArmFindings& arm, size_t metric) {
  return spread_over_runs(arm, [&](const RunFindings& run) { return also_value(run, metric); });
}

int primary_decimals(const Findings& findings) { return decimals_over_arms(findings, primary_spread); }

int also_decimals(const Findings& findings, size_t metric) {
  return decimals_over_arms(findings, [&](const ArmFindings& arm) { return also_spread(arm, metric); });
}

int64_t count_of(const ArmFindings& arm, const std::string& status) {
  return std::count_if(arm.runs.begin(), arm.runs.end(), [&](const RunFindings& run) { return run.status == status; });
}

std::string losses(const ArmFindings& arm) {
  std::vector<std::string> statuses;
  for (const RunFindings& run : arm.runs) {
    if (run.status != "done" && std::find(statuses.begin(), statuses.end(), run.status) == statuses.end()) statuses.push_back(run.status);
  }
  std::string text;
  for (const std::string& status : statuses) text += (text.empty() ? "" : ", ") + std::to_string(count_of(arm, status)) + " " + status;
  return text;
}

std::vector<std::string> strata(const Findings& findings) {
  std::vector<std::string> result;
  for (const ArmFindings& arm : findings.arms) {
    if (std::find(result.begin(), result.end(), arm.stratum) == result.end()) result.push_back(arm.stratum);
  }
  return result;
}

std::vector<const ArmFindings*> arms_of(const Findings& findings, const std::string& stratum) {
  std::vector<const ArmFindings*> result;
  for (const ArmFindings& arm : findings.arms) {
    if (arm.stratum == stratum) result.push_back(&arm);
  }
  return result;
}

const ComparisonFindings* comparison_of(const Findings& findings, const ArmFindings& arm) {
  for (const ComparisonFindings& comparison : findings.comparisons) {
    if (comparison.stratum == arm.stratum && comparison.arm == arm.level) return &comparison;
  }
  return nullptr;
}

std::string arm_label(const ArmFindings& arm) { return arm.level.empty() ? arm.name : arm.level; }

std::map<std::string, size_t> series_of_levels(const Findings& findings) {
  std::map<std::string, size_t> result;
  for (const ArmFindings& arm : findings.arms) {
    if (arm.is_baseline) result.emplace(arm_label(arm), 0);
  }
  size_t next = 1;
  for (const ArmFindings& arm : findings.arms) next += result.emplace(arm_label(arm), next).second ? 1 : 0;
  return result;
}

}  // namespace sublayer::experiment::reporting
