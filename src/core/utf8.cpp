#include "src/core/utf8.h"

#include <cstdint>
#include <cstring>

namespace sublayer {
namespace {

constexpr char32_t replacement_character = 0xFFFD;

// What the first byte of a sequence says: its length, and the range of the second byte, which alone rules out overlong forms,
// surrogates and values above U+10FFFF (the Unicode Standard, table "Well-Formed UTF-8 Byte Sequences").
struct Utf8Lead {
  size_t length = 0;  // 0: no sequence begins like this
  uint8_t second_minimum = 0x80;
  uint8_t second_maximum = 0xBF;
};

Utf8Lead classify_lead(uint8_t byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2) return {0};
  if (byte < 0xE0) return {2};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

// Bytes of ASCII at the front, counted by eights.
size_t ascii_prefix(std::string_view text) {
  size_t count = 0;
  for (uint64_t word = 0; count + sizeof(word) <= text.size(); count += sizeof(word)) {
    std::memcpy(&word, text.data() + count, sizeof(word));
    if (word & 0x8080808080808080u) break;
  }
  return count;
}

}  // namespace

Utf8Sequence first_utf8_sequence(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const Utf8Lead lead = classify_lead(byte(0));
  if (lead.length == 0) return {replacement_character, 1, false};
  if (lead.length == 1) return {byte(0), 1, true};
  char32_t code_point = byte(0) & (0x7F >> lead.length);
  for (size_t i = 1; i < lead.length; ++i) {
    const uint8_t minimum = i == 1 ? lead.second_minimum : 0x80;
    const uint8_t maximum = i == 1 ? lead.second_maximum : 0xBF;
    if (i == text.size() || byte(i) < minimum || byte(i) > maximum) return {replacement_character, i, false};
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  return {code_point, lead.length, true};
}

std::optional<size_t> first_invalid_utf8(std::string_view text) {
  for (size_t i = ascii_prefix(text); i < text.size(); i += ascii_prefix(text.substr(i))) {
    const auto sequence = first_utf8_sequence(text.substr(i));
    if (!sequence.is_well_formed) return i;
    i += sequence.length;
  }
  return std::nullopt;
}

std::u32string decode_utf8(std::string_view text) {
  std::u32string code_points;
  code_points.reserve(text.size());
  while (!text.empty()) {
    const auto sequence = first_utf8_sequence(text);
    code_points.push_back(sequence.code_point);
    text.remove_prefix(sequence.length);
  }
  return code_points;
}

void append_utf8(std::string& text, char32_t code_point) {
  const bool is_scalar = code_point < 0xD800 || (code_point > 0xDFFF && code_point <= 0x10FFFF);
  const char32_t c = is_scalar ? code_point : replacement_character;
  const auto trail = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    trail(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    trail(6);
    trail(0);
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    trail(12);
    trail(6);
    trail(0);
  }
}

std::string encode_utf8(std::u32string_view code_points) {
  std::string text;
  text.reserve(code_points.size());
  for (const char32_t code_point : code_points) append_utf8(text, code_point);
  return text;
}

}  // namespace sublayer
