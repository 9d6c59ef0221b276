#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sublayer::tokenizer {

// Tokens and their ids, for tokenizers that look tokens up. Ids below num_special_ids are the special ones.
// Its file is text: "sublayer-vocabulary 1 KIND COUNT", then one token a line, the first with id num_special_ids.
class Vocabulary {
 public:
  explicit Vocabulary(std::string kind) : kind_(std::move(kind)) {}

  // The tokens seen at least `min_count` times, by falling count and then in the order of their bytes. `max_size` bounds size(); 0: all.
  void fill(const std::map<std::string, int64_t, std::less<>>& counts, int64_t min_count, int64_t max_size);

  std::string save() const;
  // DataError "NAME:LINE: what" where the bytes are not what save() writes for this kind. `is_token` says what this kind's tokens look
  // like.
  void load(const std::string& bytes, const std::string& name, bool (*is_token)(std::string_view));

  int64_t size() const;
  int64_t id(std::string_view token) const;    // the unknown id where it is none of these tokens
  const std::string& token(int64_t id) const;  // of an id that is not special
  std::string piece(int64_t id) const;         // of any id, special ones as <pad> <unk> <s> </s>

 private:
  void add(std::string token);

  std::string kind_;
  std::vector<std::string> tokens_;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, int64_t, Hash, std::equal_to<>> ids_;
};

// What an unknown token reads as: U+2047.
constexpr const char* unknown_mark = "\xe2\x81\x87";

}  // namespace sublayer::tokenizer
