#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace sublayer::statistics {

struct Interval {
  double low = 0, high = 0;
};

// A difference of two means, arm minus baseline, that follows Student's t once it is divided by its standard error.
// Where the standard error is 0, t is infinite: p is 0 for a difference other than 0, and 1 for none.
struct MeanDifference {
  double difference = 0;
  double standard_error = 0;
  double degrees_of_freedom = 1;

  double p() const;                            // two-sided, of no difference
  double p_equivalence(double margin) const;   // of |difference| >= margin: two one-sided tests, the larger p (Schuirmann 1987)
  Interval interval(double confidence) const;  // of the difference; confidence in (0, 1)
};

// Values of one seed stand at the same index. Needs two seeds; throws std::invalid_argument otherwise and for unequal lengths.
// What floating point alone makes of equal differences counts as no variance, and of equal means as no difference.
MeanDifference paired(std::span<const double> arm, std::span<const double> baseline);

// Two independent samples of unequal variance (Welch 1947), at least two values each; std::invalid_argument otherwise.
MeanDifference welch(std::span<const double> arm, std::span<const double> baseline);

double mean(std::span<const double> values);

// Pearson's, over seeds; none where one side does not vary.
std::optional<double> correlation(std::span<const double> arm, std::span<const double> baseline);

// Variance of the difference of independent runs over that of paired ones: how many times the runs an unpaired comparison would need.
// Below 1 pairing has done harm; none where paired differences do not vary.
std::optional<double> pairing_gain(std::span<const double> arm, std::span<const double> baseline);

}  // namespace sublayer::statistics
