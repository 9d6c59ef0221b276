#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "data/task/task.h"
#include "data/tokenizer/tokenizers.h"
#include "src/core/config/fields.h"

namespace sublayer::data {

// Training pairs with more tokens (the end symbol is one) are left out, and counted. Part of what a run is.
struct LengthLimits : config::Options {
  int64_t max_source_length = 256, max_target_length = 256;
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
  static LengthLimits none();  // for evaluation: a score over a part of a test set is no score
};

// Ids of a corpus's pairs in their order. `dropped` gets what the corpus and the limits left out, by the name of the rule.
Dataset tokenize(const task::Corpus& corpus, const tokenizer::Tokenizers& tokenizers, const LengthLimits& limits,
                 std::vector<std::pair<std::string, int64_t>>& dropped);

// The share of tokens that the vocabulary does not have.
double unknown_share(const std::vector<std::vector<int64_t>>& sentences);

// What a training shows of its data before it starts: sizes, unknown tokens, what was dropped, and the first pairs as the model sees them.
std::string describe_dataset(const Dataset& dataset, const tokenizer::Tokenizers& tokenizers,
                             const std::vector<std::pair<std::string, int64_t>>& dropped, int64_t shown_pairs = 3);

}  // namespace sublayer::data
