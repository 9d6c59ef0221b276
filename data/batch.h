#pragma once

#include <cstdint>
#include <vector>

#include "data/sentences.h"

namespace sublayer::data {

// Several sequences of ids, one after the other without padding: ids of sequence b start at lengths[0] + ... + lengths[b - 1].
struct Sequences {
  std::vector<int64_t> ids;
  std::vector<int64_t> lengths;
  void add(const std::vector<int64_t>& sequence);
};

// What a model sees of a few examples. Source ends with the end symbol; the target input is the target after the begin symbol, the
// target output the same with the end symbol at its end, so both have the same lengths.
struct Batch {
  Sequences source, target_input, target_output;
};

// Tokenised pairs, without begin and end symbols.
struct Dataset {
  Sentences source, target;
  int64_t size() const { return source.size(); }
  // Gives back the memory of what can be read again from files.
  void release() const {
    source.release();
    target.release();
  }
};

Batch make_batch(const Dataset& dataset, const std::vector<int64_t>& examples);

}  // namespace sublayer::data
