#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "data/batch.h"

namespace sublayer::decoding {

// How a pass over many sentences is spread. Results do not depend on the number of workers; batches of other sizes change rounding alone.
struct BatchSettings {
  int workers = 1;  // threads, all of which read the one model
  // Padded tokens of a batch on either side; a longer sentence stands alone. A beam search multiplies what it holds of them by its size.
  int64_t max_tokens = 1024;
  std::function<void(int64_t done, int64_t all)> progress = {};  // in sentences; one call at a time, on any thread; may throw to stop
};

// Cuts the examples into batches and calls `work` with the examples of each, on threads without gradients. The first exception, in the
// order of the batches, is thrown again when all threads have stopped.
void for_each_batch(const data::Dataset& dataset, const BatchSettings& settings,
                    const std::function<void(const std::vector<int64_t>& examples)>& work);

}  // namespace sublayer::decoding
