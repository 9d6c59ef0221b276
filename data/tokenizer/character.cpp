#include <map>

#include "data/tokenizer/tokenizer.h"
#include "data/tokenizer/tokenizer_options.h"
#include "data/tokenizer/vocabulary.h"
#include "src/core/utf8.h"

namespace sublayer::tokenizer {
namespace {

// Calls `see` with each code point's bytes. An ill-formed byte stands for itself and is unknown to every vocabulary.
template <class See>
void for_each_character(std::string_view text, const See& see) {
  while (!text.empty()) {
    const auto sequence = first_utf8_sequence(text);
    see(text.substr(0, sequence.length), sequence.is_well_formed);
    text.remove_prefix(sequence.length);
  }
}

bool is_character(std::string_view text) { return !text.empty() && first_utf8_sequence(text).length == text.size(); }

// Unicode code points, the space among them. For inflection, transliteration and other tasks below the word.
class Character final : public Tokenizer {
 public:
  struct Options : TokenizerOptions {
    int64_t vocabulary_size = 0, min_count = 1;
    void fields(config::Fields& v) override {
      TokenizerOptions::fields(v);
      v("vocabulary_size", vocabulary_size, "the most frequent characters, special ids included; 0 for all characters").otherwise("10");
      v("min_count", min_count, "rarer characters are unknown; 1 for all characters").otherwise("3");
    }
    void check(config::Checker& c) const override {
      TokenizerOptions::check(c);
      c.require(vocabulary_size == 0 || vocabulary_size > num_special_ids, "vocabulary_size", "must be above 4, or 0 for all characters");
      c.require(min_count > 0, "min_count", "must be positive");
    }
  };
  explicit Character(Options options) : options_(std::move(options)) {}

  void train(const std::vector<std::string_view>& sentences) override {
    std::map<std::string, int64_t, std::less<>> counts;
    for (const auto sentence : sentences) {
      for_each_character(sentence, [&](std::string_view character, bool is_well_formed) {
        if (is_well_formed && character != "\n") ++counts[std::string(character)];
      });
    }
    vocabulary_.fill(counts, options_.min_count, options_.vocabulary_size);
  }
  std::string save() const override { return vocabulary_.save(); }
  void load(const std::string& bytes, const std::string& name) override { vocabulary_.load(bytes, name, is_character); }

  int64_t size() const override { return vocabulary_.size(); }
  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    for_each_character(text, [&](std::string_view character, bool) { ids.push_back(vocabulary_.id(character)); });
    return ids;
  }
  std::string decode(std::span<const int64_t> ids) const override {
    std::string text;
    for (const int64_t id : ids) {
      if (id == unknown_id)
        text += unknown_mark;
      else if (id >= num_special_ids)
        text += vocabulary_.token(id);
    }
    return text;
  }
  std::string piece(int64_t id) const override { return vocabulary_.piece(id); }

 private:
  Options options_;
  Vocabulary vocabulary_{"character"};
};

SUBLAYER_REGISTER(Tokenizer, Character, "character", "Unicode code points, the space among them");

}  // namespace
}  // namespace sublayer::tokenizer
