#include "src/evaluation/statistics/resampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::statistics {
namespace {

ItemCounts counts_of(const std::vector<std::vector<double>>& rows) {
  ItemCounts counts(rows.front().size());
  for (const auto& row : rows) counts.add(row);
  return counts;
}

double ratio(std::span<const double> sums) { return sums[0] / sums[1]; }

const ItemCounts few_arm = counts_of({{3, 4}, {1, 5}, {4, 4}, {2, 3}, {5, 7}, {0, 2}, {6, 6}, {1, 3}});
const ItemCounts few_baseline = counts_of({{2, 4}, {1, 4}, {2, 4}, {2, 2}, {3, 7}, {1, 2}, {4, 6}, {0, 3}});

double difference_of(const ItemCounts& arm, const ItemCounts& baseline) { return ratio(arm.sum()) - ratio(baseline.sum()); }

// Over all 2^n swaps.
double exact_randomisation_p(const ItemCounts& arm, const ItemCounts& baseline) {
  int extreme = 0;
  const unsigned all = 1u << arm.size();
  for (unsigned swapped = 0; swapped < all; ++swapped) {
    ItemCounts first(2), second(2);
    for (size_t i = 0; i < arm.size(); ++i) {
      const bool is_swapped = swapped >> i & 1;
      first.add(is_swapped ? baseline[i] : arm[i]);
      second.add(is_swapped ? arm[i] : baseline[i]);
    }
    extreme += std::abs(difference_of(first, second)) >= std::abs(difference_of(arm, baseline)) - 1e-12;
  }
  return static_cast<double>(extreme) / all;
}

// Over all n^n resamples, with all their differences in order.
std::pair<double, std::vector<double>> exact_bootstrap(const ItemCounts& arm, const ItemCounts& baseline) {
  const size_t n = arm.size();
  std::vector<double> differences;
  for (size_t code = 0; code < static_cast<size_t>(std::pow(n, n)); ++code) {
    ItemCounts first(2), second(2);
    for (size_t i = 0, rest = code; i < n; ++i, rest /= n) {
      first.add(arm[rest % n]);
      second.add(baseline[rest % n]);
    }
    differences.push_back(difference_of(first, second));
  }
  const auto add_size = [](double sum, double difference) { return sum + std::abs(difference); };
  const double mean_size = std::accumulate(differences.begin(), differences.end(), 0.0, add_size) / std::ssize(differences);
  const double limit = mean_size + std::abs(difference_of(arm, baseline)) - 1e-12;
  const auto extreme = std::ranges::count_if(differences, [&](double difference) { return std::abs(difference) >= limit; });
  std::ranges::sort(differences);
  return {static_cast<double>(extreme) / std::ssize(differences), differences};
}

ItemCounts random_items(const Noise& noise, int64_t items) {
  std::vector<double> values(items);
  fill_normal(noise, 0, 1, items, 1, values.data());
  ItemCounts counts(1);
  for (const double value : values) counts.add(std::span(&value, 1));
  return counts;
}

double first_sum(std::span<const double> sums) { return sums[0]; }

}  // namespace

TEST_CASE("approximate randomisation agrees with the enumeration of all swaps") {
  const double exact = exact_randomisation_p(few_arm, few_baseline);
  const Randomisation result = approximate_randomisation(few_arm, few_baseline, ratio, 20000, Noise(1));
  CHECK(exact > 0.02);
  CHECK(exact < 0.5);
  CHECK(result.difference == Approx(difference_of(few_arm, few_baseline)));
  CHECK(std::abs(result.p - exact) < 4 * std::sqrt(exact * (1 - exact) / 20000));
  CHECK(approximate_randomisation(few_baseline, few_arm, ratio, 20000, Noise(1)).p == result.p);
}

TEST_CASE("the paired bootstrap agrees with the enumeration of all resamples") {
  const ItemCounts arm = counts_of({{3, 4}, {1, 5}, {4, 4}, {2, 3}, {5, 7}}),
                   baseline = counts_of({{2, 4}, {1, 4}, {2, 4}, {2, 2}, {6, 7}});
  const auto [exact, differences] = exact_bootstrap(arm, baseline);
  const Bootstrap result = paired_bootstrap(arm, baseline, ratio, 20000, Noise(1), 0.1);
  CHECK(exact > 0.01);
  CHECK(exact < 0.5);
  CHECK(std::abs(result.p - exact) < 4 * std::sqrt(exact * (1 - exact) / 20000));
  // A resample lies below the interval with probability 0.05, up to ties and chance.
  const auto share_below = [&](double value) {
    return static_cast<double>(std::ranges::lower_bound(differences, value - 1e-12) - differences.begin()) / std::ssize(differences);
  };
  const auto share_above = [&](double value) {
    return static_cast<double>(differences.end() - std::ranges::upper_bound(differences, value + 1e-12)) / std::ssize(differences);
  };
  CHECK(share_below(result.interval.low) <= 0.057);
  CHECK(share_above(result.interval.low) <= 0.957);
  CHECK(share_above(result.interval.high) <= 0.057);
  CHECK(share_below(result.interval.high) <= 0.957);
}

TEST_CASE("systems that are identical or differ in one item are not called different") {
  ItemCounts right(1), one_wrong(1);
  for (int i = 0; i < 100; ++i) {
    const double one = 1, zero = 0;
    right.add(std::span(&one, 1));
    one_wrong.add(std::span(i == 7 ? &zero : &one, 1));
  }
  CHECK(approximate_randomisation(right, right, first_sum, 500, Noise(1)).p == 1);
  CHECK(paired_bootstrap(right, right, first_sum, 500, Noise(1)).p == 1);
  CHECK(approximate_randomisation(right, one_wrong, first_sum, 500, Noise(1)).p == 1);
}

TEST_CASE("the smallest p counts the observed order itself") {
  ItemCounts high(1), low(1);
  for (int i = 0; i < 200; ++i) {
    const double one = 1 + 0.001 * i, zero = 0;
    high.add(std::span(&one, 1));
    low.add(std::span(&zero, 1));
  }
  CHECK(approximate_randomisation(high, low, first_sum, 99, Noise(1)).p == Approx(0.01));
  CHECK(paired_bootstrap(high, low, first_sum, 99, Noise(1)).p == Approx(0.01));
  CHECK(paired_bootstrap(high, low, first_sum, 99, Noise(1)).interval.low > 0);
}

TEST_CASE("resampling gives the same numbers for the same noise") {
  const Bootstrap once = paired_bootstrap(few_arm, few_baseline, ratio, 300, Noise(1)),
                  again = paired_bootstrap(few_arm, few_baseline, ratio, 300, Noise(1));
  CHECK(once.p == again.p);
  CHECK(once.interval.low == again.interval.low);
  const auto p_with = [](uint64_t seed) { return approximate_randomisation(few_arm, few_baseline, ratio, 300, Noise(seed)).p; };
  CHECK(p_with(1) == p_with(1));
  CHECK((p_with(1) != p_with(2) || p_with(1) != p_with(3)));
}

TEST_CASE("systems without a difference: randomisation keeps its level, and the bootstrap's p is about half of it") {
  constexpr int experiments = 1000;
  int randomisation = 0, bootstrap = 0;
  for (uint64_t experiment = 0; experiment < experiments; ++experiment) {
    const Noise noise = Noise(6)("items")(experiment);
    const ItemCounts arm = random_items(noise("arm"), 50), baseline = random_items(noise("baseline"), 50);
    randomisation += approximate_randomisation(arm, baseline, first_sum, 199, noise).p <= 0.05;
    bootstrap += paired_bootstrap(arm, baseline, first_sum, 199, noise).p <= 0.05;
  }
  const double error = 3 * std::sqrt(0.05 * 0.95 / experiments);
  CAPTURE(randomisation, bootstrap);
  CHECK(std::abs(randomisation / static_cast<double>(experiments) - 0.05) < error);
  CHECK(bootstrap / static_cast<double>(experiments) > 0.05 + error);
  CHECK(std::abs(bootstrap / static_cast<double>(experiments) - 0.1) < 0.04);
}

TEST_CASE("items that do not fit together are refused") {
  using Error = std::invalid_argument;
  const ItemCounts one = counts_of({{1, 2}});
  CHECK(test::message_of<Error>([&] { paired_bootstrap(one, few_arm, ratio, 10, Noise(1)); }) ==
        "systems have 1 items of 2 counts and 8 of 2");
  CHECK(test::message_of<Error>([] { approximate_randomisation(ItemCounts(2), ItemCounts(2), ratio, 10, Noise(1)); }) ==
        "resampling needs items");
  CHECK(test::message_of<Error>([&] { paired_bootstrap(one, one, ratio, 0, Noise(1)); }) ==
        "resampling needs at least one resample, not 0");
  CHECK(test::message_of<Error>([] { ItemCounts(2).add(std::vector<double>{1}); }) == "an item has 2 counts, not 1");
}

}  // namespace sublayer::statistics
