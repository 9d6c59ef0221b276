#include "src/evaluation/statistics/fisher.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <stdexcept>
#include <string>

#include "src/evaluation/statistics/power.h"

namespace sublayer::statistics {
namespace {

double log_choose(int64_t n, int64_t k) {
  using boost::math::lgamma;
  return lgamma(static_cast<double>(n + 1)) - lgamma(static_cast<double>(k + 1)) - lgamma(static_cast<double>(n - k + 1));
}

void require_count(int64_t hits, int64_t runs) {
  if (hits >= 0 && hits <= runs) return;
  throw std::invalid_argument("a count of " + std::to_string(hits) + " of " + std::to_string(runs) + " is none");
}

}  // namespace

double fisher_p(int64_t arm_hits, int64_t arm_runs, int64_t baseline_hits, int64_t baseline_runs) {
  require_count(arm_hits, arm_runs);
  require_count(baseline_hits, baseline_runs);
  const int64_t hits = arm_hits + baseline_hits, least = std::max<int64_t>(0, hits - baseline_runs), greatest = std::min(hits, arm_runs);
  const double log_all = log_choose(arm_runs + baseline_runs, hits);
  const auto log_probability = [&](int64_t k) { return log_choose(arm_runs, k) + log_choose(baseline_runs, hits - k) - log_all; };
  // Tables that are equally likely may come out apart by rounding.
  const double limit = log_probability(arm_hits) + 1e-9;
  double p = 0;
  for (int64_t k = least; k <= greatest; ++k) {
    if (const double log_p = log_probability(k); log_p <= limit) p += std::exp(log_p);
  }
  return std::min(1.0, p);
}

int64_t runs_for_significance(int64_t arm_hits, int64_t baseline_hits, int64_t runs, double level) {
  const int64_t more = std::max(arm_hits, baseline_hits), fewer = std::min(arm_hits, baseline_hits);
  if (more == fewer) return too_many_seeds;
  for (int64_t n = runs + 1; n <= most_seeds; ++n) {
    const int64_t more_hits = more * n / runs, fewer_hits = (fewer * n + runs - 1) / runs;
    if (more_hits > fewer_hits && fisher_p(more_hits, n, fewer_hits, n) <= level) return n;
  }
  return too_many_seeds;
}

}  // namespace sublayer::statistics
