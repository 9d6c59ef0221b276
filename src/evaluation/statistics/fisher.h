#pragma once

#include <cstdint>

namespace sublayer::statistics {

// Fisher's exact test, two-sided: the chance, given the total of both sides, of a table that is no more likely than the observed one,
// `arm_hits` of `arm_runs` against `baseline_hits` of `baseline_runs`. Throws std::invalid_argument unless 0 <= hits <= runs.
double fisher_p(int64_t arm_hits, int64_t arm_runs, int64_t baseline_hits, int64_t baseline_runs);

// The least number of runs on each side, more than `runs`, at which the same shares of hits would have a p of at most `level`. What falls
// between two whole numbers of hits is rounded against significance. too_many_seeds (power.h) if there is none.
int64_t runs_for_significance(int64_t arm_hits, int64_t baseline_hits, int64_t runs, double level);

}  // namespace sublayer::statistics
