#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "data/task/task.h"
#include "data/tokenizer/tokenizer.h"

namespace sublayer::tokenizer {

// The tokenizers of a run: two, or one that serves both sides.
struct Tokenizers {
  std::shared_ptr<Tokenizer> source, target;  // the same object where joint
  bool joint = false;
};

// Trained on the sentences of `train`, or loaded where the options name model files.
Tokenizers train_tokenizers(const Choice<Tokenizer>& choice, const task::Corpus& train);

// Whether the options name model files: nothing is trained then.
bool names_files(const Choice<Tokenizer>& choice);

// In a run's directory: tokenizer.model, or source_tokenizer.model and target_tokenizer.model.
void save_tokenizers(const Tokenizers& tokenizers, const std::filesystem::path& directory);

// DataError where the files are not those that `expected_hash` (of hash_of) was taken from.
Tokenizers load_tokenizers(const Choice<Tokenizer>& choice, const std::filesystem::path& directory, const std::string& expected_hash);

// Content hash of the model files.
std::string hash_of(const Tokenizers& tokenizers);

}  // namespace sublayer::tokenizer
