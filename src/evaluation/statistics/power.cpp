#include "src/evaluation/statistics/power.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <numbers>

namespace sublayer::statistics {
namespace {

double normal_cdf(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

double critical_t(double freedom, double upper_tail) {
  return boost::math::quantile(boost::math::complement(boost::math::students_t(freedom), upper_tail));
}

// E of f(s) for s <= `end`, where s = sqrt(chi^2 / freedom) is the ratio of an estimated to the true standard error. Given s, a t-test is a
// test of a normal number, so this one integral gives the power of any test made of t-tests.
template <class Function>
double mean_over_estimates(double freedom, double end, const Function& f) {
  const double half = freedom / 2, log_constant = std::numbers::ln2 + half * std::log(half) - boost::math::lgamma(half);
  const auto integrand = [&](double s) { return s <= 0 ? 0 : std::exp(log_constant + (freedom - 1) * std::log(s) - half * s * s) * f(s); };
  const double reach = 9 / std::sqrt(2 * freedom);  // beyond lies less than 1e-12
  const double low = std::max(0.0, 1 - reach), high = std::min(end, 1 + reach);
  if (high <= low) return 0;
  const double sum = boost::math::quadrature::gauss_kronrod<double, 31>::integrate(integrand, low, high, 12, 1e-10);
  return std::clamp(sum, 0.0, 1.0);
}

// `shift` is the true difference in true standard errors.
double power_at_shift(double freedom, double shift, double critical) {
  return mean_over_estimates(freedom, HUGE_VAL,
                             [&](double s) { return normal_cdf(shift - critical * s) + normal_cdf(-shift - critical * s); });
}

double standard_error_at(const Spread& spread, int64_t seeds) { return spread.deviation / std::sqrt(static_cast<double>(seeds)); }

double freedom_at(const Spread& spread, int64_t seeds) { return spread.freedom * static_cast<double>(seeds - 1); }

// Power grows with seeds.
template <class Power>
int64_t least_seeds(double wanted_power, const Power& power_with) {
  if (power_with(most_seeds) < wanted_power) return too_many_seeds;
  int64_t enough = most_seeds, too_few = 1;
  while (enough - too_few > 1) {
    const int64_t middle = (enough + too_few) / 2;
    (power_with(middle) >= wanted_power ? enough : too_few) = middle;
  }
  return enough;
}

}  // namespace

Spread spread_of(const MeanDifference& observed, int64_t seeds) {
  const auto n = static_cast<double>(seeds);
  return {observed.standard_error * std::sqrt(n), observed.degrees_of_freedom / (n - 1)};
}

double power(const Spread& spread, double difference, int64_t seeds, double level) {
  if (spread.deviation == 0) return difference == 0 ? 0 : 1;
  const double freedom = freedom_at(spread, seeds);
  return power_at_shift(freedom, std::abs(difference) / standard_error_at(spread, seeds), critical_t(freedom, level / 2));
}

double equivalence_power(const Spread& spread, double difference, double margin, int64_t seeds, double level) {
  if (spread.deviation == 0) return std::abs(difference) < margin ? 1 : 0;
  const double freedom = freedom_at(spread, seeds), critical = critical_t(freedom, level), scale = standard_error_at(spread, seeds);
  // Both tests reject where |estimate| < margin - critical * estimated standard error; beyond `end` nothing is left of that.
  const double end = margin / (critical * scale);
  return mean_over_estimates(freedom, end, [&](double s) {
    return normal_cdf((margin - difference) / scale - critical * s) - normal_cdf((-margin - difference) / scale + critical * s);
  });
}

int64_t seeds_for_difference(const Spread& spread, double difference, double level, double wanted_power) {
  return least_seeds(wanted_power, [&](int64_t seeds) { return power(spread, difference, seeds, level); });
}

int64_t seeds_for_equivalence(const Spread& spread, double difference, double margin, double level, double wanted_power) {
  if (std::abs(difference) >= margin) return too_many_seeds;
  return least_seeds(wanted_power, [&](int64_t seeds) { return equivalence_power(spread, difference, margin, seeds, level); });
}

double detectable_difference(const Spread& spread, int64_t seeds, double level, double wanted_power) {
  if (spread.deviation == 0) return 0;
  const double freedom = freedom_at(spread, seeds), critical = critical_t(freedom, level / 2);
  const auto missing = [&](double shift) { return power_at_shift(freedom, shift, critical) - wanted_power; };
  double high = critical + 1;
  while (missing(high) < 0) high *= 2;
  uintmax_t steps = 60;
  const auto [below, above] = boost::math::tools::toms748_solve(missing, 0.0, high, boost::math::tools::eps_tolerance<double>(24), steps);
  return (below + above) / 2 * standard_error_at(spread, seeds);
}

}  // namespace sublayer::statistics
