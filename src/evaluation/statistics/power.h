#pragma once

#include <cstdint>

#include "src/evaluation/statistics/student.h"

namespace sublayer::statistics {

constexpr int64_t most_seeds = 1000;                // searches end here
constexpr int64_t too_many_seeds = most_seeds + 1;  // their answer for "more than most_seeds"
constexpr double usual_power = 0.8;                 // Cohen 1988

// How a mean difference varies with the number n of seeds on each side: its standard error is deviation / sqrt(n), with
// freedom * (n - 1) degrees of freedom. Paired tests have freedom 1, Welch's between 1 and 2.
struct Spread {
  double deviation = 0;
  double freedom = 1;
};
Spread spread_of(const MeanDifference& observed, int64_t seeds);

// Chance that the two-sided t-test at `level` finds a true `difference` (the tails of a noncentral t).
double power(const Spread& spread, double difference, int64_t seeds, double level);

// Chance that two one-sided t-tests at `level` show that a true `difference` lies within `margin` (exact: Phillips 1990).
double equivalence_power(const Spread& spread, double difference, double margin, int64_t seeds, double level);

// The least number of seeds with at least that power; too_many_seeds if most_seeds are not enough.
int64_t seeds_for_difference(const Spread& spread, double difference, double level, double wanted_power = usual_power);
int64_t seeds_for_equivalence(const Spread& spread, double difference, double margin, double level, double wanted_power = usual_power);

// The true difference that is found with that power: smaller ones are likely to be missed. 0 where nothing varies.
double detectable_difference(const Spread& spread, int64_t seeds, double level, double wanted_power = usual_power);

}  // namespace sublayer::statistics
