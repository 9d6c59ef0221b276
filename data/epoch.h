#pragma once

#include <cstdint>
#include <vector>

#include "data/batching.h"

namespace sublayer::data {

// One pass over a training set, window by window. A window is a set of blocks of neighbouring examples from anywhere in the corpus; its
// examples are shuffled and cut into updates without a look at the others, so that memory does not grow with the corpus, and any window
// can be planned without those before it. A corpus of at most window_examples is one window: all of it is shuffled.
class Epoch {
 public:
  // `noise` is the epoch's. The dataset must outlive the object.
  Epoch(const Dataset& dataset, const BatchingOptions& options, const Noise& noise);

  int64_t windows() const { return windows_; }
  // The updates of a window, the first is 0. Every example is in one update of one window.
  std::vector<Update> plan(int64_t window) const;

 private:
  std::vector<int64_t> examples_of(int64_t window) const;

  const Dataset& dataset_;
  const BatchingOptions options_;
  const Noise noise_;
  int64_t block_size_ = 1, windows_ = 0;
  std::vector<int64_t> blocks_;  // in the order of this epoch
};

}  // namespace sublayer::data
