#pragma once

#include <cstdint>
#include <vector>

#include "data/batch.h"
#include "src/core/config/fields.h"
#include "src/core/noise.h"

namespace sublayer::data {

// How an epoch is cut into updates and updates into micro-batches. Part of what a run is: other numbers are another training.
struct BatchingOptions : config::Options {
  int64_t tokens_per_update = 4096;
  int64_t max_tokens_per_micro_batch = 1280;  // padding included, it makes four of an update: even numbers of workers end together
  int64_t pool_examples = 1;
  int64_t window_examples = 1'000'000;
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
};

// Indices of examples. An update's micro-batches are fixed here, whatever hardware works on them.
struct Update {
  std::vector<std::vector<int64_t>> micro_batches;
  int64_t target_tokens = 0;  // real ones, with the end symbols
};

// The updates of a training on `examples`, each of them once: those of a pool sorted by length (ties by the noise), cut at
// tokens_per_update, in shuffled order. Within an update the examples of a micro-batch are always of near length; larger pools save more
// padding, which only attention pays for, but updates of a single length are biased, and short tasks learn badly from them.
std::vector<Update> plan_updates(const Dataset& dataset, const std::vector<int64_t>& examples, const BatchingOptions& options,
                                 const Noise& noise);

// Batches for evaluation and decoding: every example once, sorted by length, at most `max_tokens` padded tokens on either side each.
std::vector<std::vector<int64_t>> plan_evaluation(const Dataset& dataset, int64_t max_tokens);

// The share of cells that padding would take if the examples of each micro-batch were padded to rectangles, as attention does it.
double padding_share(const Dataset& dataset, const std::vector<Update>& updates);

}  // namespace sublayer::data
