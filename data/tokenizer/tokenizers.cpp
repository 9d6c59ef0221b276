#include "data/tokenizer/tokenizers.h"

#include <string_view>
#include <vector>

#include "data/tokenizer/tokenizer_options.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/hash.h"

namespace sublayer::tokenizer {
namespace {

constexpr const char* joint_file = "tokenizer.model";
constexpr const char* source_file = "source_tokenizer.model";
constexpr const char* target_file = "target_tokenizer.model";

const TokenizerOptions& options_of(const Choice<Tokenizer>& choice) { return dynamic_cast<const TokenizerOptions&>(choice.options()); }

std::shared_ptr<Tokenizer> load_from(const Choice<Tokenizer>& choice, const std::filesystem::path& file) {
  auto tokenizer = choice.build();
  tokenizer->load(read_file(file), file.string());
  return tokenizer;
}

Tokenizers load_both(const Choice<Tokenizer>& choice, const std::filesystem::path& source, const std::filesystem::path& target) {
  if (!options_of(choice).joint) return {load_from(choice, source), load_from(choice, target), false};
  const auto tokenizer = load_from(choice, source);
  return {tokenizer, tokenizer, true};
}

std::shared_ptr<Tokenizer> train_on(const Choice<Tokenizer>& choice, const std::vector<std::string_view>& sentences) {
  auto tokenizer = choice.build();
  tokenizer->train(sentences);
  return tokenizer;
}

}  // namespace

void TokenizerOptions::fields(config::Fields& v) {
  v("joint", joint, "one vocabulary for source and target").otherwise("false");
  v("model", model, "an existing model file to load instead of training one (joint)", config::Mark::run_time);
  v("source_model", source_model, "the same for the source alone (not joint)", config::Mark::run_time);
  v("target_model", target_model, "the same for the target alone (not joint)", config::Mark::run_time);
}

void TokenizerOptions::check(config::Checker& c) const {
  c.require(joint || model.empty(), "model", "holds one vocabulary for both sides; with joint: false give source_model and target_model");
  c.require(!joint || source_model.empty(), "source_model", "needs joint: false");
  c.require(!joint || target_model.empty(), "target_model", "needs joint: false");
  c.require(joint || source_model.empty() == target_model.empty(), source_model.empty() ? "target_model" : "source_model",
            "needs a model of the other side too");
}

Tokenizers train_tokenizers(const Choice<Tokenizer>& choice, const task::Corpus& train) {
  const auto& options = options_of(choice);
  if (!options.model.empty()) return load_both(choice, options.model.value, options.model.value);
  if (!options.source_model.empty()) return load_both(choice, options.source_model.value, options.target_model.value);

  std::vector<std::string_view> source, target;
  for (const auto& example : train.examples) {
    source.push_back(example.source);
    target.push_back(example.target);
  }
  if (!options.joint) return {train_on(choice, source), train_on(choice, target), false};
  source.insert(source.end(), target.begin(), target.end());
  const auto tokenizer = train_on(choice, source);
  return {tokenizer, tokenizer, true};
}

bool names_files(const Choice<Tokenizer>& choice) { return !options_of(choice).model.empty() || !options_of(choice).source_model.empty(); }

void save_tokenizers(const Tokenizers& tokenizers, const std::filesystem::path& directory) {
  if (tokenizers.joint) {
    write_file_durably(directory / joint_file, tokenizers.source->save());
  } else {
    write_file_durably(directory / source_file, tokenizers.source->save());
    write_file_durably(directory / target_file, tokenizers.target->save());
  }
}

Tokenizers load_tokenizers(const Choice<Tokenizer>& choice, const std::filesystem::path& directory, const std::string& expected_hash) {
  const bool joint = options_of(choice).joint;
  const auto source = directory / (joint ? joint_file : source_file);
  const auto target = directory / (joint ? joint_file : target_file);
  const Tokenizers tokenizers = load_both(choice, source, target);
  const std::string hash = hash_of(tokenizers);
  if (hash == expected_hash) return tokenizers;
  throw DataError(source.string() + (joint ? "" : ", " + target.string()) + ": the wrong tokenizer: its content hash is " + hash +
                  ", but the model was trained with " + expected_hash + "; restore the run's own");
}

std::string hash_of(const Tokenizers& tokenizers) {
  const std::string source = hash_bytes(tokenizers.source->save());
  return tokenizers.joint ? source : hash_bytes(source + hash_bytes(tokenizers.target->save()));
}

}  // namespace sublayer::tokenizer
