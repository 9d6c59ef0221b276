#include "src/evaluation/statistics/student.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace sublayer::statistics {
namespace {

using boost::math::cdf;
using boost::math::complement;
using boost::math::students_t;

void require_seeds(std::span<const double> arm, std::span<const double> baseline) {
  if (arm.size() >= 2 && baseline.size() >= 2) return;
  throw std::invalid_argument("a t-test needs two values on each side and got " + std::to_string(arm.size()) + " and " +
                              std::to_string(baseline.size()));
}

void require_pairs(std::span<const double> arm, std::span<const double> baseline) {
  if (arm.size() == baseline.size()) return;
  throw std::invalid_argument("pairs need as many values of the arm as of the baseline, not " + std::to_string(arm.size()) + " and " +
                              std::to_string(baseline.size()));
}

double square(double x) { return x * x; }

// 0 where no two values are further apart than `rounding`.
double variance(std::span<const double> values, double rounding = 0) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  if (*greatest - *least <= rounding) return 0;
  const double center = mean(values);
  double sum = 0;
  for (const double value : values) sum += square(value - center);
  return sum / static_cast<double>(values.size() - 1);
}

// How far subtraction may move a difference of such values.
double rounding_of(std::span<const double> arm, std::span<const double> baseline) {
  double largest = 0;
  for (const double value : arm) largest = std::max(largest, std::abs(value));
  for (const double value : baseline) largest = std::max(largest, std::abs(value));
  return 8 * std::numeric_limits<double>::epsilon() * largest;
}

double zero_if_rounding(double difference, double rounding) { return std::abs(difference) <= rounding ? 0 : difference; }

std::vector<double> differences_of_pairs(std::span<const double> arm, std::span<const double> baseline) {
  require_pairs(arm, baseline);
  require_seeds(arm, baseline);
  std::vector<double> differences;
  for (size_t i = 0; i < arm.size(); ++i) differences.push_back(arm[i] - baseline[i]);
  return differences;
}

}  // namespace

double MeanDifference::p() const {
  if (standard_error == 0) return difference == 0 ? 1 : 0;
  return std::min(1.0, 2 * cdf(complement(students_t(degrees_of_freedom), std::abs(difference / standard_error))));
}

double MeanDifference::p_equivalence(double margin) const {
  if (standard_error == 0) return std::abs(difference) < margin ? 0 : 1;
  // By symmetry the test against the nearer end of the margin has the larger p.
  return cdf(complement(students_t(degrees_of_freedom), (margin - std::abs(difference)) / standard_error));
}

Interval MeanDifference::interval(double confidence) const {
  if (standard_error == 0) return {difference, difference};
  const double reach = standard_error * quantile(complement(students_t(degrees_of_freedom), (1 - confidence) / 2));
  return {difference - reach, difference + reach};
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

MeanDifference paired(std::span<const double> arm, std::span<const double> baseline) {
  const std::vector<double> differences = differences_of_pairs(arm, baseline);
  const double rounding = rounding_of(arm, baseline);
  const auto seeds = static_cast<double>(arm.size());
  return {zero_if_rounding(mean(differences), rounding), std::sqrt(variance(differences, rounding) / seeds), seeds - 1};
}

MeanDifference welch(std::span<const double> arm, std::span<const double> baseline) {
  require_seeds(arm, baseline);
  const auto n = static_cast<double>(arm.size()), m = static_cast<double>(baseline.size());
  const double arm_part = variance(arm) / n, baseline_part = variance(baseline) / m;
  const double sum = arm_part + baseline_part;
  // Welch and Satterthwaite; without any variance the classical number.
  const double freedom = sum == 0 ? n + m - 2 : square(sum) / (square(arm_part) / (n - 1) + square(baseline_part) / (m - 1));
  return {zero_if_rounding(mean(arm) - mean(baseline), rounding_of(arm, baseline)), std::sqrt(sum), freedom};
}

std::optional<double> correlation(std::span<const double> arm, std::span<const double> baseline) {
  require_pairs(arm, baseline);
  require_seeds(arm, baseline);
  const double arm_variance = variance(arm), baseline_variance = variance(baseline);
  if (arm_variance == 0 || baseline_variance == 0) return std::nullopt;
  const double arm_mean = mean(arm), baseline_mean = mean(baseline);
  double sum = 0;
  for (size_t i = 0; i < arm.size(); ++i) sum += (arm[i] - arm_mean) * (baseline[i] - baseline_mean);
  const double covariance = sum / static_cast<double>(arm.size() - 1);
  return std::clamp(covariance / std::sqrt(arm_variance * baseline_variance), -1.0, 1.0);
}

std::optional<double> pairing_gain(std::span<const double> arm, std::span<const double> baseline) {
  const double paired_variance = variance(differences_of_pairs(arm, baseline), rounding_of(arm, baseline));
  if (paired_variance == 0) return std::nullopt;
  return (variance(arm) + variance(baseline)) / paired_variance;
}

}  // namespace sublayer::statistics
