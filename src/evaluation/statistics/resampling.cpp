#include "src/evaluation/statistics/resampling.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace sublayer::statistics {
namespace {

void require_items(const ItemCounts& arm, const ItemCounts& baseline, int64_t resamples) {
  if (arm.size() != baseline.size() || arm.width() != baseline.width())
    throw std::invalid_argument("systems have " + std::to_string(arm.size()) + " items of " + std::to_string(arm.width()) + " counts and " +
                                std::to_string(baseline.size()) + " of " + std::to_string(baseline.width()));
  if (arm.size() == 0) throw std::invalid_argument("resampling needs items");
  if (resamples < 1) throw std::invalid_argument("resampling needs at least one resample, not " + std::to_string(resamples));
}

void add_to(std::span<double> sums, std::span<const double> counts) {
  for (size_t i = 0; i < sums.size(); ++i) sums[i] += counts[i];
}

double share_with_one_more(int64_t count, int64_t all) { return static_cast<double>(count + 1) / static_cast<double>(all + 1); }

// Scores of both systems, and how far rounding may move their difference: sums are taken in another order, so ties may come out apart.
struct Observed {
  double difference, rounding;
};

Observed observe(const ItemCounts& arm, const ItemCounts& baseline, const Score& score) {
  const double arm_score = score(arm.sum()), baseline_score = score(baseline.sum());
  return {arm_score - baseline_score, 1e-12 * (std::abs(arm_score) + std::abs(baseline_score))};
}

}  // namespace

void ItemCounts::add(std::span<const double> counts) {
  if (counts.size() != width_)
    throw std::invalid_argument("an item has " + std::to_string(width_) + " counts, not " + std::to_string(counts.size()));
  values_.insert(values_.end(), counts.begin(), counts.end());
}

std::vector<double> ItemCounts::sum() const {
  std::vector<double> sums(width_);
  for (size_t item = 0; item < size(); ++item) add_to(sums, (*this)[item]);
  return sums;
}

Bootstrap paired_bootstrap(const ItemCounts& arm, const ItemCounts& baseline, const Score& score, int64_t resamples, const Noise& noise,
                           double level) {
  require_items(arm, baseline, resamples);
  const Observed observed = observe(arm, baseline, score);
  const Noise draws = noise("paired_bootstrap");
  std::vector<double> differences(resamples), arm_sums(arm.width()), baseline_sums(arm.width());
  double mean_size = 0;
  for (int64_t resample = 0; resample < resamples; ++resample) {
    const Noise stream = draws(resample);
    std::ranges::fill(arm_sums, 0);
    std::ranges::fill(baseline_sums, 0);
    for (size_t i = 0; i < arm.size(); ++i) {
      const uint64_t item = stream.below(arm.size(), i);
      add_to(arm_sums, arm[item]);
      add_to(baseline_sums, baseline[item]);
    }
    differences[resample] = score(arm_sums) - score(baseline_sums);
    mean_size += std::abs(differences[resample]) / static_cast<double>(resamples);
  }
  const double limit = std::abs(observed.difference) + mean_size - observed.rounding;
  const int64_t count = std::ranges::count_if(differences, [&](double difference) { return std::abs(difference) >= limit; });
  std::ranges::sort(differences);
  const auto cut = static_cast<int64_t>(static_cast<double>(resamples) * level / 2);
  return {observed.difference, {differences[cut], differences[resamples - cut - 1]}, share_with_one_more(count, resamples)};
}

Randomisation approximate_randomisation(const ItemCounts& arm, const ItemCounts& baseline, const Score& score, int64_t swaps,
                                        const Noise& noise) {
  require_items(arm, baseline, swaps);
  const Observed observed = observe(arm, baseline, score);
  const Noise draws = noise("approximate_randomisation");
  std::vector<double> first(arm.width()), second(arm.width());
  int64_t count = 0;
  for (int64_t swap = 0; swap < swaps; ++swap) {
    const Noise stream = draws(swap);
    std::ranges::fill(first, 0);
    std::ranges::fill(second, 0);
    uint64_t coins = 0;
    for (size_t item = 0; item < arm.size(); ++item) {
      coins = item % 64 == 0 ? stream.bits(item / 64) : coins >> 1;
      const bool is_swapped = coins & 1;
      add_to(first, is_swapped ? baseline[item] : arm[item]);
      add_to(second, is_swapped ? arm[item] : baseline[item]);
    }
    count += std::abs(score(first) - score(second)) >= std::abs(observed.difference) - observed.rounding;
  }
  return {observed.difference, share_with_one_more(count, swaps)};
}

}  // namespace sublayer::statistics
