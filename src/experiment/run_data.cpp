#include "src/experiment/run_data.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/hash.h"
#include "src/experiment/run.h"

namespace sublayer::experiment {

using task::Split;

Corpora load_corpora(const RunConfig& config) {
  const auto task = config.task.build();
  Corpora corpora;
  if (config.training.prepared.empty()) {
    corpora.train = task->load(Split::train);
    if (corpora.train.examples.empty()) throw DataError("task: the training split is empty");
  } else {
    corpora.prepared = std::make_shared<const Prepared>(open_prepared(config));
  }
  corpora.valid = task->load(Split::valid);
  corpora.test = task->load(Split::test);
  return corpora;
}

nlohmann::json hashes_of(const Corpora& corpora) {
  const std::string train = corpora.prepared ? corpora.prepared->text_hash : task::hash_of(corpora.train);
  return {{"train", train}, {"valid", task::hash_of(corpora.valid)}, {"test", task::hash_of(corpora.test)}};
}

Datasets tokenize(const Corpora& corpora, const tokenizer::Tokenizers& tokenizers, const RunConfig& config) {
  Datasets sets;
  task::Dropped none;
  if (corpora.prepared) {
    if (tokenizer::hash_of(tokenizers) != corpora.prepared->tokenizer_hash)
      throw DataError("training.prepared: " + config.training.prepared.string() + ": prepared with another tokenizer than this run's");
    sets.train = corpora.prepared->train;
    sets.dropped = corpora.prepared->dropped;
  } else {
    sets.train = data::tokenize(corpora.train, tokenizers, config.training.limits, sets.dropped);
  }
  if (sets.train.size() == 0) throw DataError("task: no training pair is within training.max_source_length and max_target_length");
  sets.valid = data::tokenize(corpora.valid, tokenizers, data::LengthLimits::none(), none);
  sets.test = data::tokenize(corpora.test, tokenizers, data::LengthLimits::none(), none);
  return sets;
}

double unigram_loss(const data::Dataset& train, const data::Dataset& evaluated, int64_t vocabulary) {
  std::vector<int64_t> counts(vocabulary, 1);
  int64_t ends = 1, tokens = 0;
  train.target.for_each([&](const data::Sentence& sentence) {
    for (int64_t i = 0; i < sentence.size(); ++i) ++counts[sentence[i]];
    ++ends;
  });
  int64_t total = ends;
  for (const int64_t count : counts) total += count;
  double sum = 0;
  evaluated.target.for_each([&](const data::Sentence& sentence) {
    for (int64_t i = 0; i < sentence.size(); ++i) sum += std::log(static_cast<double>(total) / static_cast<double>(counts[sentence[i]]));
    sum += std::log(static_cast<double>(total) / static_cast<double>(ends));
    tokens += sentence.size() + 1;
  });
  return tokens > 0 ? sum / static_cast<double>(tokens) : 0;
}

tokenizer::Tokenizers tokenizers_of(const RunConfig& config, const Corpora& corpora) {
  return corpora.prepared ? corpora.prepared->tokenizers : tokenizer::train_tokenizers(config.tokenizer, corpora.train);
}

tokenizer::Tokenizers TokenizerStore::get(const RunConfig& config, const Corpora& corpora) const {
  if (corpora.prepared) return corpora.prepared->tokenizers;
  const auto& choice = config.tokenizer;
  const auto directory = directory_ / hash_bytes(choice.name() + "\n" + to_yaml(choice.options()) + task::hash_of(corpora.train));
  if (std::filesystem::exists(directory)) return tokenizer::load_tokenizers(choice, directory, read_file(directory / "hash"));
  const auto tokenizers = tokenizers_of(config, corpora);
  std::filesystem::create_directories(directory_);
  DurableDirectory store(directory);
  tokenizer::save_tokenizers(tokenizers, store.path());
  write_file_durably(store.path() / "hash", tokenizer::hash_of(tokenizers));
  store.commit();
  return tokenizers;
}

}  // namespace sublayer::experiment
