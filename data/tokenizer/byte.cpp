#include <cstdio>

#include "data/tokenizer/tokenizer.h"
#include "data/tokenizer/tokenizer_options.h"
#include "data/tokenizer/vocabulary.h"
#include "src/core/utf8.h"

namespace sublayer::tokenizer {
namespace {

// Bytes of UTF-8: 256 ids for every language, nothing unknown, long sequences (Xue et al. 2022).
class Byte final : public Tokenizer {
 public:
  using Options = TokenizerOptions;
  explicit Byte(const Options&) {}

  void train(const std::vector<std::string_view>&) override {}
  std::string save() const override { return no_tokens_.save(); }
  void load(const std::string& bytes, const std::string& name) override {
    no_tokens_.load(bytes, name, [](std::string_view) { return false; });
  }

  int64_t size() const override { return num_special_ids + 256; }
  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    for (const char c : text) ids.push_back(num_special_ids + static_cast<unsigned char>(c));
    return ids;
  }
  // What a model writes need not be UTF-8: ill-formed bytes become U+FFFD.
  std::string decode(std::span<const int64_t> ids) const override {
    std::string text;
    for (const int64_t id : ids) {
      if (id == unknown_id) text += unknown_mark;
      if (id >= num_special_ids) text += static_cast<char>(id - num_special_ids);
    }
    return encode_utf8(decode_utf8(text));
  }
  std::string piece(int64_t id) const override {
    if (id < num_special_ids) return no_tokens_.piece(id);
    const int64_t byte = id - num_special_ids;
    if (byte > ' ' && byte < 127) return std::string(1, static_cast<char>(byte));
    char text[8];
    std::snprintf(text, sizeof text, "<0x%02X>", static_cast<unsigned>(byte) & 0xffU);
    return text;
  }

 private:
  Vocabulary no_tokens_{"byte"};  // for its file format and the special ids
};

SUBLAYER_REGISTER(Tokenizer, Byte, "byte", "bytes of UTF-8; nothing to train");

}  // namespace
}  // namespace sublayer::tokenizer
