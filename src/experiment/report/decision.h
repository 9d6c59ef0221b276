#pragma once

#include "src/experiment/findings.h"

#include <string>
#include <vector>

namespace sublayer::experiment::reporting {

// "9 comparisons: 3 better, 1 worse, 5 undecided."
std::string verdict_summary(const Findings& findings);

// The verdict on one comparison in words; its stratum is for the caller to name.
std::string verdict_sentence(const ComparisonFindings& comparison);

// Plain sentences: metric, test, levels, correction for many comparisons, equivalence, lost runs, what is descriptive only.
std::vector<std::string> how_it_was_decided(const Findings& findings);

std::string interval_name(const Findings& findings);  // "95 % interval"
std::string direction(const Findings& findings);      // "lower is better"

}  // namespace sublayer::experiment::reporting
