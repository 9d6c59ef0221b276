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
  Corpora corpora{task->load(Split::train), task->load(Split::valid), task->load(Split::test)};
  if (corpora.train.examples.empty()) throw DataError("task: the training split is empty");
  return corpora;
}

nlohmann::json hashes_of(const Corpora& corpora) {
  return {{"train", task::hash_of(corpora.train)}, {"valid", task::hash_of(corpora.valid)}, {"test", task::hash_of(corpora.test)}};
}

Datasets tokenize(const Corpora& corpora, const tokenizer::Tokenizers& tokenizers, const RunConfig& config) {
  Datasets sets;
  std::vector<std::pair<std::string, int64_t>> none;
  sets.train = data::tokenize(corpora.train, tokenizers, config.training.limits, sets.dropped);
  if (sets.train.size() == 0) throw DataError("task: no training pair is within training.max_source_length and max_target_length");
  sets.valid = data::tokenize(corpora.valid, tokenizers, data::LengthLimits::none(), none);
  sets.test = data::tokenize(corpora.test, tokenizers, data::LengthLimits::none(), none);
  return sets;
}

double unigram_loss(const data::Dataset& train, const data::Dataset& evaluated, int64_t vocabulary) {
  std::vector<int64_t> counts(vocabulary, 1);
  int64_t ends = 1, tokens = 0;
  for (const auto& sentence : train.target) {
    for (const int64_t id : sentence) ++counts[id];
    ++ends;
  }
  int64_t total = ends;
  for (const int64_t count : counts) total += count;
  double sum = 0;
  for (const auto& sentence : evaluated.target) {
    for (const int64_t id : sentence) sum += std::log(static_cast<double>(total) / static_cast<double>(counts[id]));
    sum += std::log(static_cast<double>(total) / static_cast<double>(ends));
    tokens += static_cast<int64_t>(sentence.size()) + 1;
  }
  return tokens > 0 ? sum / static_cast<double>(tokens) : 0;
}

tokenizer::Tokenizers TokenizerStore::get(const RunConfig& config, const task::Corpus& train) const {
  const auto& choice = config.tokenizer;
  const auto directory = directory_ / hash_bytes(choice.name() + "\n" + to_yaml(choice.options()) + task::hash_of(train));
  if (std::filesystem::exists(directory)) return tokenizer::load_tokenizers(choice, directory, read_file(directory / "hash"));
  const auto tokenizers = tokenizer::train_tokenizers(choice, train);
  std::filesystem::create_directories(directory_);
  DurableDirectory store(directory);
  tokenizer::save_tokenizers(tokenizers, store.path());
  write_file_durably(store.path() / "hash", tokenizer::hash_of(tokenizers));
  store.commit();
  return tokenizers;
}

}  // namespace sublayer::experiment
