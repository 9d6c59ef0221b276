#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "data/tokenizer/tokenizer.h"
#include "data/tokenizer/tokenizer_options.h"
#include "src/core/errors.h"

namespace sublayer::tokenizer {
namespace {

class SentenceList final : public ::sentencepiece::SentenceIterator {
 public:
  explicit SentenceList(const std::vector<std::string_view>& sentences) : sentences_(sentences) { copy(); }
  bool done() const override { return index_ >= sentences_.size(); }
  void Next() override {
    ++index_;
    copy();
  }
  const std::string& value() const override { return sentence_; }
  ::sentencepiece::util::Status status() const override { return {}; }

 private:
  void copy() {
    if (!done()) sentence_ = sentences_[index_];
  }
  const std::vector<std::string_view>& sentences_;
  size_t index_ = 0;
  std::string sentence_;
};

// The number after `mark` in SentencePiece's message; empty where it says something else.
std::string number_after(const std::string& message, const std::string& mark) {
  const size_t at = message.find(mark);
  if (at == std::string::npos) return "";
  const size_t start = at + mark.size();
  return message.substr(start, message.find_first_not_of("0123456789", start) - start);
}

// Subwords learned from the training text (Kudo and Richardson 2018). `unigram` (Kudo 2018) and `bpe` (Sennrich et al. 2016) cover any
// text with a vocabulary of chosen size; `char` and `word` cut at characters and spaces.
class SentencePiece final : public Tokenizer {
 public:
  struct Options : TokenizerOptions {
    std::string algorithm = "unigram", normalization = "nmt_nfkc";
    int64_t vocabulary_size = 8000;
    bool byte_fallback = false;
    double character_coverage = 0.9995;
    void fields(config::Fields& v) override {
      TokenizerOptions::fields(v);
      v.small("{vocabulary_size: 60, character_coverage: 1}");
      v.word("algorithm", algorithm, {"unigram", "bpe", "char", "word"}, "how pieces are found").otherwise("bpe").otherwise("word");
      v("vocabulary_size", vocabulary_size, "number of pieces, special ids included; the size of `model` where one is given")
          .otherwise("50");
      v.word("normalization", normalization, {"nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"},
             "of Unicode characters before anything else (cf: case folded); identity for none")
          .otherwise("nmt_nfkc_cf")
          .otherwise("identity");
      v("byte_fallback", byte_fallback, "unknown characters become pieces of their bytes: nothing is unknown, for 256 ids")
          .otherwise("true", "{algorithm: bpe, vocabulary_size: 330}");
      v("character_coverage", character_coverage, "share of the text's characters that get a piece; 1 for all").otherwise("0.98");
    }
    void check(config::Checker& c) const override {
      TokenizerOptions::check(c);
      const int64_t fixed = num_special_ids + (byte_fallback ? 256 : 0);
      c.require(vocabulary_size > fixed, "vocabulary_size", "must be above " + std::to_string(fixed) + ", the ids that are fixed");
      c.require(vocabulary_size <= 1 << 24, "vocabulary_size", "must be at most 16777216");
      c.require(character_coverage >= 0.98 && character_coverage <= 1, "character_coverage", "must be at least 0.98 and at most 1");
    }
  };
  explicit SentencePiece(Options options) : options_(std::move(options)) {}

  void train(const std::vector<std::string_view>& sentences) override {
    std::ostringstream coverage;
    coverage << std::setprecision(17) << options_.character_coverage;
    const std::unordered_map<std::string, std::string> arguments = {
        {"model_type", options_.algorithm},
        {"vocab_size", std::to_string(options_.vocabulary_size)},
        {"normalization_rule_name", options_.normalization},
        {"byte_fallback", options_.byte_fallback ? "true" : "false"},
        {"character_coverage", coverage.str()},
        {"pad_id", std::to_string(pad_id)},
        {"unk_id", std::to_string(unknown_id)},
        {"bos_id", std::to_string(begin_id)},
        {"eos_id", std::to_string(end_id)},
        {"max_sentence_length", "1000000"},  // its own default leaves longer sentences out without a word
        {"num_threads", "1"},                // sums of probabilities depend on the number, and so may the pieces
        {"minloglevel", "3"},                // what is wrong comes back as a status
    };
    SentenceList list(sentences);
    const auto status = ::sentencepiece::SentencePieceTrainer::Train(arguments, &list, &model_);
    if (!status.ok()) fail_to_train(status.ToString());
    load_model("the new model");
    if (size() != options_.vocabulary_size) fail_above(std::to_string(size()));  // char falls short without an error
  }
  std::string save() const override { return model_; }
  void load(const std::string& bytes, const std::string& name) override {
    model_ = bytes;
    load_model(name);
    if (processor_.pad_id() != pad_id || processor_.unk_id() != unknown_id || processor_.bos_id() != begin_id ||
        processor_.eos_id() != end_id) {
      throw DataError(name + ": a model with other special ids than pad 0, unknown 1, begin 2, end 3: train it with " +
                      "--pad_id=0 --unk_id=1 --bos_id=2 --eos_id=3");
    }
    if (size() != options_.vocabulary_size) {
      throw ConfigError(name + ": a model of " + std::to_string(size()) + " pieces, but tokenizer.vocabulary_size is " +
                        std::to_string(options_.vocabulary_size) + "; state the model's size");
    }
  }

  int64_t size() const override { return processor_.GetPieceSize(); }
  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int> ids;
    processor_.Encode({text.data(), text.size()}, &ids).IgnoreError();
    return {ids.begin(), ids.end()};
  }
  std::string decode(std::span<const int64_t> ids) const override {
    std::vector<int> pieces;
    for (const int64_t id : ids) {
      if (id >= num_special_ids || id == unknown_id) pieces.push_back(static_cast<int>(id));
    }
    std::string text;
    const auto status = processor_.Decode(pieces, &text);
    if (!status.ok()) throw std::out_of_range("SentencePiece cannot decode: " + status.ToString());
    return text;
  }
  std::string piece(int64_t id) const override { return processor_.IdToPiece(static_cast<int>(id)); }

 private:
  void load_model(const std::string& name) {
    const auto status = processor_.LoadFromSerializedProto(model_);
    if (!status.ok()) throw DataError(name + ": damaged, or not a SentencePiece model");
  }

  [[noreturn]] void fail_above(const std::string& largest) const {
    throw ConfigError("tokenizer.vocabulary_size: " + std::to_string(options_.vocabulary_size) +
                      " is more than the training text can fill; the largest possible size is " + largest);
  }
  [[noreturn]] void fail_to_train(const std::string& message) const {
    const std::string largest = number_after(message, "Please set it to a value <= ");
    if (!largest.empty()) fail_above(largest);
    const std::string smallest = number_after(message, std::to_string(options_.vocabulary_size) + " vs ");
    if (!smallest.empty()) {
      throw ConfigError("tokenizer.vocabulary_size: " + std::to_string(options_.vocabulary_size) +
                        " has no room for the characters of the training text: at least " + smallest + ", or a smaller character_coverage");
    }
    throw DataError("SentencePiece cannot learn a vocabulary from the training text: " + message);
  }

  Options options_;
  std::string model_;
  ::sentencepiece::SentencePieceProcessor processor_;
};

SUBLAYER_REGISTER(Tokenizer, SentencePiece, "sentencepiece", "subwords learned from the training text: unigram, bpe, char, word");

}  // namespace
}  // namespace sublayer::tokenizer
