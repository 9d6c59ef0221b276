#include "src/evaluation/statistics/holm.h"

#include <algorithm>
#include <vector>

#include "src/core/noise.h"
#include "tests/support/catch.h"

namespace sublayer::statistics {
namespace {

// Holm 1979 in his own words: go up the ordered p-values while the k-th smallest of m is at most level / (m - k + 1).
bool is_rejected_stepwise(const std::vector<double>& p, size_t index, double level) {
  std::vector<double> sorted = p;
  std::sort(sorted.begin(), sorted.end());
  for (size_t k = 0; k < sorted.size() && sorted[k] <= level / static_cast<double>(sorted.size() - k); ++k) {
    if (sorted[k] == p[index]) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("an adjusted p is at most a level exactly where stepping down rejects at it") {
  for (uint64_t sample = 0; sample < 200; ++sample) {
    const Noise noise = Noise(1)("holm")(sample);
    std::vector<double> p(1 + sample % 6);
    for (size_t i = 0; i < p.size(); ++i) p[i] = noise.uniform(i) * noise.uniform(100 + i);
    const std::vector<double> adjusted = holm(p);
    for (size_t i = 0; i < p.size(); ++i) {
      for (const double level : {0.01, 0.05, 0.2, 0.5}) CHECK((adjusted[i] <= level) == is_rejected_stepwise(p, i, level));
    }
  }
}

TEST_CASE("Holm's adjustment keeps the order of the hypotheses, ties and the bound of 1") {
  const std::vector<double> adjusted = holm(std::vector<double>{0.04, 0.01, 0.03, 0.9});
  const std::vector<double> expected = {0.09, 0.04, 0.09, 0.9};
  for (size_t i = 0; i < expected.size(); ++i) CHECK(adjusted[i] == Approx(expected[i]));
  CHECK(holm(std::vector<double>{0.02, 0.02}) == std::vector<double>{0.04, 0.04});
  CHECK(holm(std::vector<double>{0.7, 0.6}) == std::vector<double>{1, 1});
  CHECK(holm(std::vector<double>{0.3}) == std::vector<double>{0.3});
  CHECK(holm({}).empty());
}

}  // namespace sublayer::statistics
