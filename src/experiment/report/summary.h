#pragma once

#include "src/experiment/findings.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sublayer::experiment::reporting {

// Mean and standard deviation (n - 1) over the runs that have a value.
struct Spread {
  int64_t count = 0;
  double mean = 0, deviation = 0;  // the deviation is 0 of fewer than two
};

Spread spread_of(const std::vector<double>& values);

std::optional<double> finite(std::optional<double> value);  // nothing for infinite values and NaN

Spread primary_spread(const ArmFindings& arm);
Spread also_spread(const ArmFindings& arm, size_t metric);

// Decimals that suit the differences between seeds, the same for the whole report.
int primary_decimals(const Findings& findings);
int also_decimals(const Findings& findings, size_t metric);

// "2 diverged, 1 failed", without the runs that are done; empty if all are.
std::string losses(const ArmFindings& arm);
int64_t count_of(const ArmFindings& arm, const std::string& status);

std::vector<std::string> strata(const Findings& findings);  // in order of appearance; {""} without such axes
std::vector<const ArmFindings*> arms_of(const Findings& findings, const std::string& stratum);
const ComparisonFindings* comparison_of(const Findings& findings, const ArmFindings& arm);  // null for a baseline
std::string arm_label(const ArmFindings& arm);                                              // its level, where that is known

// A level looks the same in all plots: baselines are 0, the others follow in order of appearance.
std::map<std::string, size_t> series_of_levels(const Findings& findings);

}  // namespace sublayer::experiment::reporting
