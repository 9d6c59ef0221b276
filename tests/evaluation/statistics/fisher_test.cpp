#include "src/evaluation/statistics/fisher.h"

#include <bit>
#include <cmath>
#include <map>
#include <stdexcept>

#include "src/evaluation/statistics/power.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::statistics {
namespace {

// Deals the hits to all runs in every way there is and counts the ways that give no more likely a table.
double fisher_by_enumeration(int arm_hits, int arm_runs, int baseline_hits, int baseline_runs) {
  std::map<int, int> ways;  // by hits of the arm
  int all = 0;
  for (unsigned dealt = 0; dealt < 1u << (arm_runs + baseline_runs); ++dealt) {
    if (std::popcount(dealt) != arm_hits + baseline_hits) continue;
    ++ways[std::popcount(dealt & ((1u << arm_runs) - 1))];
    ++all;
  }
  int rare = 0;
  for (const auto& [hits, count] : ways) {
    if (count <= ways[arm_hits]) rare += count;
  }
  return static_cast<double>(rare) / all;
}

}  // namespace

TEST_CASE("Fisher's exact test agrees with the enumeration of all tables") {
  for (int n = 0; n <= 6; ++n) {
    for (int m = 0; m <= 6; ++m) {
      for (int k = 0; k <= n; ++k) {
        for (int l = 0; l <= m; ++l) CHECK(std::abs(fisher_p(k, n, l, m) - fisher_by_enumeration(k, n, l, m)) < 1e-12);
      }
    }
  }
}

TEST_CASE("Fisher's exact test agrees with SciPy") {
  // scipy.stats.fisher_exact([[8, 2], [1, 9]]).pvalue and [[1, 7], [4, 4]]
  CHECK(std::abs(fisher_p(8, 10, 1, 10) - 0.005477494641581329) < 1e-12);
  CHECK(std::abs(fisher_p(1, 8, 4, 8) - 0.28205128205128205) < 1e-12);
}

TEST_CASE("the runs that make shares of hits significant do so, and fewer do not") {
  CHECK(fisher_p(3, 3, 0, 3) == Approx(0.1));
  CHECK(runs_for_significance(3, 0, 3, 0.05) == 4);  // 4 of 4 against 0 of 4: 2 / 70
  CHECK(fisher_p(4, 4, 0, 4) == Approx(2.0 / 70));
  const int64_t runs = runs_for_significance(1, 0, 3, 0.05);
  CHECK(fisher_p(runs / 3, runs, 0, runs) <= 0.05);
  for (int64_t fewer = 4; fewer < runs; ++fewer) CHECK(fisher_p(fewer / 3, fewer, 0, fewer) > 0.05);
  CHECK(runs_for_significance(0, 3, 3, 0.05) == 4);
  CHECK(runs_for_significance(2, 2, 5, 0.05) == too_many_seeds);
  CHECK(runs_for_significance(1, 0, 3, 1e-300) == too_many_seeds);
}

TEST_CASE("impossible counts are refused") {
  CHECK(test::message_of<std::invalid_argument>([] { fisher_p(4, 3, 0, 3); }) == "a count of 4 of 3 is none");
  CHECK(test::message_of<std::invalid_argument>([] { fisher_p(0, 3, -1, 3); }) == "a count of -1 of 3 is none");
}

}  // namespace sublayer::statistics
