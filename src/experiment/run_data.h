#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "data/dataset.h"
#include "data/task/task.h"
#include "data/tokenizer/tokenizers.h"
#include "src/experiment/prepared.h"
#include "src/experiment/run_config.h"

namespace sublayer::experiment {

// The text that a run is about.
struct Corpora {
  task::Corpus train, valid, test;
  std::shared_ptr<const Prepared> prepared;  // instead of `train`, where training.prepared names one
};

// DataError where there is nothing to train on.
Corpora load_corpora(const RunConfig& config);

// Content hash of each split: {"train": ..., "valid": ..., "test": ...}.
nlohmann::json hashes_of(const Corpora& corpora);

// The same as ids. Training pairs beyond the length limits are left out and counted by rule; evaluation splits are whole.
struct Datasets {
  data::Dataset train, valid, test;
  task::Dropped dropped;
};
Datasets tokenize(const Corpora& corpora, const tokenizer::Tokenizers& tokenizers, const RunConfig& config);

// The tokenizers of a new run: the prepared ones, those whose files the config names, or trained on the text.
tokenizer::Tokenizers tokenizers_of(const RunConfig& config, const Corpora& corpora);

// Negative log-likelihood of a target token of `evaluated` under the counts of single tokens in `train`, each plus one, end symbols
// included, in nats: what a model reaches that has learned frequencies and nothing else.
double unigram_loss(const data::Dataset& train, const data::Dataset& evaluated, int64_t vocabulary);

// Tokenizers that several runs share: trained by the first one that asks for them, then kept in a directory.
class TokenizerStore {
 public:
  explicit TokenizerStore(std::filesystem::path directory) : directory_(std::move(directory)) {}
  tokenizer::Tokenizers get(const RunConfig& config, const Corpora& corpora) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace sublayer::experiment
