#include "src/experiment/run.h"

#include <cstdio>

#include "models/device.h"
#include "src/core/errors.h"
#include "src/core/worker_pool.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/provenance.h"

namespace sublayer::experiment {
namespace {

// The weights that `selector` names, and what to call them.
std::pair<std::filesystem::path, std::string> find_weights(const Run& run, const std::string& selector) {
  const training::CheckpointStore store(run.directory);
  const auto named = [](const char* word, const training::Checkpoint& checkpoint) {
    return std::pair(checkpoint.directory, std::string(word) + " (update " + std::to_string(checkpoint.update) + ")");
  };
  if (selector == "average") {
    const auto directory = run.directory / "average";
    if (!std::filesystem::exists(directory))
      throw DataError(run.directory.string() + ": no average yet: run `sublayer average " + run.directory.string() + "`");
    return {directory, "average"};
  }
  if (selector == "best" || selector == "last") {
    if (selector == "best") {
      if (const auto best = store.best(run.ranks_higher_first())) return named("best", *best);
    }
    if (const auto last = store.last()) return named("last", *last);
    throw DataError(run.directory.string() + ": no checkpoint yet");
  }
  const std::filesystem::path path = selector;
  for (const auto& directory : {path, store.directory() / path}) {
    if (std::filesystem::is_directory(directory)) return {directory, directory.string()};
  }
  std::string known;
  for (const auto& checkpoint : store.list()) known += (known.empty() ? "; there are " : ", ") + checkpoint.directory.filename().string();
  throw DataError("--checkpoint " + selector + ": neither best, last or average, nor the directory of a checkpoint" + known);
}

}  // namespace

bool higher_is_better(const ValidationOptions& validation) { return validation.metrics.front().build()->higher_is_better(); }

bool Run::ranks_higher_first() const { return higher_is_better(config.validation); }

VocabularySizes sizes_of(const tokenizer::Tokenizers& tokenizers) {
  return {tokenizers.source->size(), tokenizers.target->size(), tokenizers.joint};
}

int64_t worker_count(const config::AutoCount& workers, at::Device device) {
  return device.is_cpu() ? workers.value.value_or(available_cores()) : 1;
}

decoding::BatchSettings batch_settings(const RunConfig& config, const Seq2SeqModel& model) {
  return {static_cast<int>(worker_count(config.training.workers, model.device())), config.validation.max_tokens_per_batch};
}

Run open_run(const std::filesystem::path& directory, const std::string& checkpoint, const std::vector<std::string>& overrides) {
  const auto file = directory / "config.yaml";
  if (!std::filesystem::exists(file)) throw DataError(directory.string() + ": no run: it has no config.yaml");
  Run run;
  run.directory = directory;
  run.config = load_config_of(directory, file, overrides).config;
  if (const auto differences = identity_differences(run.config, load_config(file).config); !differences.empty()) {
    throw ConfigError("--set cannot change what a trained run is: " + differences.front());
  }
  try {
    run.provenance = read_provenance(directory);
    if (const auto changed = changed_loaded_file(run.provenance); !changed.empty())
      std::fprintf(stderr, "note: %s: %s\n", directory.c_str(), changed.c_str());
    run.tokenizers = tokenizer::load_tokenizers(run.config.tokenizer, directory, run.provenance.at("tokenizer").at("hash"));
  } catch (const nlohmann::json::exception&) {
    throw DataError((directory / "provenance.json").string() + ": damaged: not what a run writes");
  }
  run.model = run.config.model.build(sizes_of(run.tokenizers));
  const auto [weights, name] = find_weights(run, checkpoint);
  training::restore(weights / "model.safetensors", training::named_parameters(*run.model));
  run.model->to(device_named(run.config.device));
  run.weights = name;
  run.model->eval();
  return run;
}

std::vector<std::vector<int64_t>> encode_sources(const tokenizer::Tokenizers& tokenizers, const std::vector<std::string>& sources) {
  std::vector<std::vector<int64_t>> ids;
  for (const auto& source : sources) ids.push_back(tokenizers.source->encode(source));
  return ids;
}

}  // namespace sublayer::experiment
