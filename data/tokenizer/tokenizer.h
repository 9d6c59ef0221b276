#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "src/core/config/choice.h"

namespace sublayer::tokenizer {

// Every vocabulary begins with these four ids.
constexpr int64_t pad_id = 0, unknown_id = 1, begin_id = 2, end_id = 3, num_special_ids = 4;

// Text <-> ids. It is built untrained; `train` or `load` fills it.
class Tokenizer {
 public:
  static constexpr const char* kind = "tokenizer";
  static constexpr const char* kind_documentation = "text to ids and back";
  using Arguments = std::tuple<>;

  virtual ~Tokenizer() = default;

  virtual void train(const std::vector<std::string_view>& sentences) = 0;    // ConfigError where the sentences cannot fill the vocabulary
  virtual std::string save() const = 0;                                      // bytes of a model file
  virtual void load(const std::string& bytes, const std::string& name) = 0;  // DataError naming `name` where the bytes are no such model

  virtual int64_t size() const = 0;
  virtual std::vector<int64_t> encode(std::string_view text) const = 0;  // without begin and end; const calls may run on several threads
  virtual std::string decode(std::span<const int64_t> ids) const = 0;    // special ids are left out; the unknown id reads as a mark
  virtual std::string piece(int64_t id) const = 0;                       // one id for people
};

}  // namespace sublayer::tokenizer
