#pragma once

#include <atomic>
#include <nlohmann/json_fwd.hpp>

#include "src/bench/subject.h"

namespace sublayer::bench {

struct DecodingPlan {
  std::string split;               // "valid" or "test"; empty: test, or valid where there is none
  int64_t sentences = 1000;        // of the split at most, in batches
  int64_t single_sentences = 100;  // likewise, one by one
  int64_t beam_size = 5, repeats = 5;
};

// Greedy and beam search, in batches on all workers and one sentence at a time on one. A run's model ends its targets by itself; initial
// weights are given the mean length of the split's targets as a limit. docs/measuring.md has the keys. DataError where the split is empty.
nlohmann::json measure_decoding(const DecodingPlan& plan, const Subject& subject, int64_t workers, const std::atomic<bool>& stop);

}  // namespace sublayer::bench
