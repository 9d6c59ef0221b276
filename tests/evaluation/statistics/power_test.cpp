#include "src/evaluation/statistics/power.h"

#include <cmath>
#include <functional>
#include <vector>

#include "src/core/noise.h"
#include "tests/support/catch.h"

namespace sublayer::statistics {
namespace {

using Sample = std::vector<double>;

Sample normal_sample(const Noise& noise, double mean, double deviation, int64_t seeds) {
  Sample values(seeds);
  fill_normal(noise, mean, deviation, 1, seeds, values.data());
  return values;
}

// Share of 2,000 experiments in which `is_found(arm, baseline)`.
double share_found(const std::function<bool(const Noise&)>& is_found) {
  int found = 0;
  for (uint64_t experiment = 0; experiment < 2000; ++experiment) found += is_found(Noise(5)("power")(experiment));
  return found / 2000.0;
}

constexpr double monte_carlo_error = 3 * 0.4 / 44.72;  // three standard errors of a share near 0.8 in 2,000

}  // namespace

TEST_CASE("power agrees with the noncentral t of SciPy") {
  // df = freedom * (n - 1); t = scipy.stats.t.isf(level / 2, df); nc = difference / (deviation / sqrt(n));
  // scipy.stats.nct.sf(t, df, nc) + scipy.stats.nct.cdf(-t, df, nc)
  CHECK(std::abs(power({1, 1}, 0.5, 34, 0.05) - 0.8077775012792738) < 1e-8);
  CHECK(std::abs(power({1, 1}, 0.5, 33, 0.05) - 0.7953658414875039) < 1e-8);
  CHECK(std::abs(power({1, 1}, -1, 3, 0.05) - 0.17925539377655167) < 1e-8);
  CHECK(std::abs(power({1, 1}, 2, 5, 0.01) - 0.5471761892938509) < 1e-8);
  CHECK(std::abs(power({1, 1}, 0.2, 10, 0.05) - 0.08765715402846731) < 1e-8);
  CHECK(std::abs(power({0.5, 1.7}, 0.3, 12, 0.025) - 0.3814095212112693) < 1e-8);
  CHECK(seeds_for_difference({1, 1}, 0.5, 0.05) == 34);  // Cohen's medium effect, as in every power table
}

TEST_CASE("without a difference power is the level") {
  for (const int64_t seeds : {2, 3, 30, 1000}) CHECK(power({1, 1}, 0, seeds, 0.05) == Approx(0.05).epsilon(1e-7));
}

TEST_CASE("power of equivalence agrees with quadrature in SciPy") {
  // scipy.integrate.quad over s in (0, margin / (t se)) of chi.pdf(s sqrt(df), df) sqrt(df) (Phi((m - d) / se - t s) - Phi((-m - d) / se +
  // t s))
  CHECK(std::abs(equivalence_power({1, 1}, 0, 1, 10, 0.05) - 0.7952072667058979) < 1e-8);
  CHECK(std::abs(equivalence_power({1, 1}, 0.3, 1, 10, 0.05) - 0.6384534051017734) < 1e-8);
  CHECK(std::abs(equivalence_power({1, 1}, -0.3, 1, 10, 0.05) - 0.6384534051017734) < 1e-8);
  CHECK(std::abs(equivalence_power({1, 1}, 0, 1, 12, 0.05) - 0.889381096038701) < 1e-8);
  CHECK(seeds_for_equivalence({1, 1}, 0, 1, 0.05) == 11);
}

TEST_CASE("the detectable difference has the power asked for") {
  for (const int64_t seeds : {2, 3, 5, 8, 40, 1000}) {
    for (const double level : {0.05, 0.001}) {
      const double difference = detectable_difference({0.3, 1}, seeds, level);
      CHECK(power({0.3, 1}, difference, seeds, level) == Approx(0.8).epsilon(1e-5));
    }
  }
}

TEST_CASE("searches for seeds end") {
  CHECK(seeds_for_difference({1, 1}, 0, 0.05) == too_many_seeds);
  CHECK(seeds_for_difference({1, 1}, 0.01, 0.05) == too_many_seeds);
  CHECK(seeds_for_equivalence({1, 1}, 1, 1, 0.05) == too_many_seeds);
  CHECK(seeds_for_equivalence({1, 1}, 0.99, 1, 0.05) == too_many_seeds);
  CHECK(seeds_for_difference({1, 1}, 1000, 0.05) == 2);
  CHECK(seeds_for_difference({0, 1}, 1, 0.05) == 2);
  CHECK(seeds_for_difference({0, 1}, 0, 0.05) == too_many_seeds);
  CHECK(detectable_difference({0, 1}, 3, 0.05) == 0);
}

TEST_CASE("simulated paired tests with the proposed seeds find the difference about as often as promised") {
  const int64_t seeds = seeds_for_difference({1, 1}, 1.1, 0.05);
  const double share = share_found([&](const Noise& noise) {
    const Sample baseline = normal_sample(noise("seed"), 3, 2, seeds);
    Sample arm = normal_sample(noise("arm"), 1.1, 1, seeds);
    for (int64_t i = 0; i < seeds; ++i) arm[i] += baseline[i];
    return paired(arm, baseline).p() <= 0.05;
  });
  CHECK(seeds < 12);
  CHECK(power({1, 1}, 1.1, seeds, 0.05) >= 0.8);
  CHECK(std::abs(share - power({1, 1}, 1.1, seeds, 0.05)) < monte_carlo_error);
}

TEST_CASE("simulated Welch tests with the proposed seeds find the difference about as often as promised") {
  // Variances 1 and 0.25; Satterthwaite's freedom for equal numbers of seeds.
  const Spread spread{std::sqrt(1.25), 1.25 * 1.25 / (1 + 0.25 * 0.25)};
  const int64_t seeds = seeds_for_difference(spread, 1.2, 0.05);
  const double share = share_found([&](const Noise& noise) {
    return welch(normal_sample(noise("arm"), 1.2, 1, seeds), normal_sample(noise("baseline"), 0, 0.5, seeds)).p() <= 0.05;
  });
  CHECK(std::abs(share - power(spread, 1.2, seeds, 0.05)) < monte_carlo_error + 0.01);  // Welch's t is an approximation itself
}

TEST_CASE("simulated tests of equivalence with the proposed seeds show it about as often as promised") {
  const int64_t seeds = seeds_for_equivalence({1, 1}, 0.2, 1.2, 0.05);
  const double share = share_found([&](const Noise& noise) {
    return paired(normal_sample(noise("difference"), 0.2, 1, seeds), Sample(seeds, 0)).p_equivalence(1.2) <= 0.05;
  });
  CHECK(std::abs(share - equivalence_power({1, 1}, 0.2, 1.2, seeds, 0.05)) < monte_carlo_error);
}

}  // namespace sublayer::statistics
