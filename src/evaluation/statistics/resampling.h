#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "src/core/noise.h"
#include "src/evaluation/statistics/student.h"

// Two systems on the same test items, for metrics that score a corpus and not an item, like BLEU: an item contributes counts, and a score
// is a function of their sums. This measures what another test set would change; it says nothing about another seed.
namespace sublayer::statistics {

// Counts of each item: row i holds the `width` numbers of item i.
class ItemCounts {
 public:
  explicit ItemCounts(size_t width) : width_(width) {}
  // Throws std::invalid_argument unless there are `width` numbers.
  void add(std::span<const double> counts);

  size_t width() const { return width_; }
  size_t size() const { return values_.size() / width_; }
  std::span<const double> operator[](size_t item) const { return {values_.data() + item * width_, width_}; }
  std::vector<double> sum() const;

 private:
  size_t width_;
  std::vector<double> values_;
};

using Score = std::function<double(std::span<const double> sums)>;

struct Bootstrap {
  double difference = 0;  // arm minus baseline on the items as they are
  Interval interval;      // of the difference: percentiles of resamples
  double p = 1;
};

// Paired bootstrap (Koehn 2004): items are drawn with replacement, the same ones for both systems. p is that of sacreBLEU and Moses, the
// share of resamples whose |difference| exceeds its mean over resamples by the observed |difference|. Near significance that counts one
// tail only: p is about half of a two-sided one, so at level 0.05 it claims a difference in a tenth of all comparisons without one (a test
// shows it). For decisions take approximate_randomisation.
Bootstrap paired_bootstrap(const ItemCounts& arm, const ItemCounts& baseline, const Score& score, int64_t resamples, const Noise& noise,
                           double level = 0.05);

struct Randomisation {
  double difference = 0;
  double p = 1;
};

// Approximate randomisation (Noreen 1989, Riezler and Maxwell 2005): if systems do not differ, swapping their outputs on any item changes
// nothing. p is the share of random swaps with a |difference| as large as the observed one, (count + 1) / (swaps + 1): two-sided and valid.
//
// Both differ from sacreBLEU in ties: resamples that equal the observed difference count against a claim, as the papers have it. sacreBLEU
// counts larger ones only, which calls identical systems different (p = 1 / (n + 1)), and systems that differ in one item of an accuracy.
// Both throw std::invalid_argument if there are no items, or not the same number and width of them, or no resamples.
Randomisation approximate_randomisation(const ItemCounts& arm, const ItemCounts& baseline, const Score& score, int64_t swaps,
                                        const Noise& noise);

}  // namespace sublayer::statistics
