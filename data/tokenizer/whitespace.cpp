#include <map>

#include "data/tokenizer/tokenizer.h"
#include "data/tokenizer/tokenizer_options.h"
#include "data/tokenizer/vocabulary.h"

namespace sublayer::tokenizer {
namespace {

constexpr std::string_view spaces = " \t\n\v\f\r";

// Calls `see` with each word.
template <class See>
void for_each_word(std::string_view text, const See& see) {
  for (size_t start = text.find_first_not_of(spaces); start != std::string_view::npos; start = text.find_first_not_of(spaces, start)) {
    const size_t end = std::min(text.find_first_of(spaces, start), text.size());
    see(text.substr(start, end - start));
    start = end;
  }
}

bool is_word(std::string_view text) { return !text.empty() && text.find_first_of(spaces) == std::string_view::npos; }

// Words between white space (of ASCII). For text that is tokenised already and for small closed vocabularies.
class Whitespace final : public Tokenizer {
 public:
  struct Options : TokenizerOptions {
    int64_t vocabulary_size = 0, min_count = 1;
    void fields(config::Fields& v) override {
      TokenizerOptions::fields(v);
      v("vocabulary_size", vocabulary_size, "the most frequent words, special ids included; 0 for all words").otherwise("10");
      v("min_count", min_count, "rarer words are unknown; 1 for all words").otherwise("3");
    }
    void check(config::Checker& c) const override {
      TokenizerOptions::check(c);
      c.require(vocabulary_size == 0 || vocabulary_size > num_special_ids, "vocabulary_size", "must be above 4, or 0 for all words");
      c.require(min_count > 0, "min_count", "must be positive");
    }
  };
  explicit Whitespace(Options options) : options_(std::move(options)) {}

  void train(const std::vector<std::string_view>& sentences) override {
    std::map<std::string, int64_t, std::less<>> counts;
    for (const auto sentence : sentences) {
      for_each_word(sentence, [&](std::string_view word) {
        const auto found = counts.find(word);
        if (found == counts.end())
          counts.emplace(word, 1);
        else
          ++found->second;
      });
    }
    vocabulary_.fill(counts, options_.min_count, options_.vocabulary_size);
  }
  std::string save() const override { return vocabulary_.save(); }
  void load(const std::string& bytes, const std::string& name) override { vocabulary_.load(bytes, name, is_word); }

  int64_t size() const override { return vocabulary_.size(); }
  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    for_each_word(text, [&](std::string_view word) { ids.push_back(vocabulary_.id(word)); });
    return ids;
  }
  std::string decode(std::span<const int64_t> ids) const override {
    std::string text;
    for (const int64_t id : ids) {
      if (id < num_special_ids && id != unknown_id) continue;
      if (!text.empty()) text += ' ';
      text += id == unknown_id ? unknown_mark : vocabulary_.token(id);
    }
    return text;
  }
  std::string piece(int64_t id) const override { return vocabulary_.piece(id); }

 private:
  Options options_;
  Vocabulary vocabulary_{"whitespace"};
};

SUBLAYER_REGISTER(Tokenizer, Whitespace, "whitespace", "words between white space, by falling frequency");

}  // namespace
}  // namespace sublayer::tokenizer
