#include "src/experiment/prepared.h"

#include "data/manifest.h"
#include "src/core/errors.h"

namespace sublayer::experiment {
namespace {

// An ablation over models shares one preparation: only these parts of a config must be equal, the files of text and tokenizer among them.
bool is_read_by_preparation(const std::string& key) {
  for (const char* other : {"task.valid.", "task.test.", "task.origin"}) {
    if (key.starts_with(other)) return false;
  }
  return key == "task" || key.starts_with("task.") || key == "tokenizer" || key.starts_with("tokenizer.") ||
         key == "training.max_source_length" || key == "training.max_target_length";
}

}  // namespace

std::string preparation_differences(const RunConfig& here, const RunConfig& there) {
  std::string text;
  for (const auto& [key, a, b] : differences(here, there, /*identity_only=*/false)) {
    if (is_read_by_preparation(key)) text += (text.empty() ? "" : "; ") + key + ": " + a + " here, " + b + " there";
  }
  return text;
}

Prepared open_prepared(const RunConfig& config) {
  const auto& directory = config.training.prepared.value;
  const auto error = [&](const std::string& what) { return ConfigError("training.prepared: " + directory.string() + ": " + what); };
  const auto manifest = data::read_manifest(directory);
  if (!manifest) throw error("nothing is prepared there; `sublayer prepare CONFIG --output " + directory.string() + "` does it");
  if (!manifest->is_complete) throw error("its preparation did not finish; the same `sublayer prepare` goes on with it");
  if (const auto other = preparation_differences(config, load_config(directory / "config.yaml").config); !other.empty())
    throw error("prepared for another config (given here, stored there): " + other + "; prepare this one with another --output");
  if (tokenizer::names_files(config.tokenizer)) {
    const std::string hash = tokenizer::hash_of(tokenizer::train_tokenizers(config.tokenizer, {}));
    if (hash != manifest->tokenizer)
      throw error("prepared with another tokenizer (" + manifest->tokenizer + ") than the one whose file the config names (" + hash + ")");
  }
  Prepared prepared;
  prepared.tokenizers = tokenizer::load_tokenizers(config.tokenizer, directory, manifest->tokenizer);
  prepared.tokenizer_hash = manifest->tokenizer;
  prepared.text_hash = manifest->text;
  prepared.dropped = manifest->dropped;
  prepared.train = data::open_shards(directory, *manifest);
  return prepared;
}

}  // namespace sublayer::experiment
