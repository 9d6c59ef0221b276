#pragma once

#include <cstdint>
#include <memory>
#include <string>

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

// Pairs as ids side by side, and how many the limits left out.
struct TokenizedPairs {
  explicit TokenizedPairs(const tokenizer::Tokenizers& tokenizers);
  void add(const task::Example& example, const tokenizer::Tokenizers& tokenizers, const LengthLimits& limits);
  std::shared_ptr<SentenceBlock> source, target;
  int64_t long_sources = 0, long_targets = 0;
};

// Adds the pairs that length limits left out, by the name of the rule.
void count_long(int64_t sources, int64_t targets, task::Dropped& dropped);

// Ids of a corpus's pairs in their order. `dropped` gets what the corpus and the limits left out, by the name of the rule.
Dataset tokenize(const task::Corpus& corpus, const tokenizer::Tokenizers& tokenizers, const LengthLimits& limits, task::Dropped& dropped);

// The share of tokens that the vocabulary does not have.
double unknown_share(const Sentences& sentences);

// What a training shows of its data before it starts: sizes, unknown tokens, what was dropped, and the first pairs as the model sees them.
std::string describe_dataset(const Dataset& dataset, const tokenizer::Tokenizers& tokenizers, const task::Dropped& dropped,
                             int64_t shown_pairs = 3);

}  // namespace sublayer::data
