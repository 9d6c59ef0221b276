#include "src/experiment/report/visible_text.h"

#include "src/core/utf8.h"

#include <unicode/uchar.h>

namespace sublayer::experiment::reporting {
namespace {

char32_t visible_character(char32_t c) {
  if (c < 0x20) return 0x2400 + c;  // the block of control pictures
  if (c == 0x7F) return 0x2421;
  const auto code_point = static_cast<UChar32>(c);
  const int8_t type = u_charType(code_point);
  const bool is_separator = type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR;
  return type == U_CONTROL_CHAR || is_separator || u_hasBinaryProperty(code_point, UCHAR_BIDI_CONTROL) ? 0xFFFD : c;
}

size_t width_of_character(char32_t c) {
  const auto code_point = static_cast<UChar32>(c);
  constexpr uint32_t invisible = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
  if ((U_GET_GC_MASK(code_point) & invisible) != 0 && c != 0x00AD) return 0;  // terminals show a soft hyphen
  const int syllable = u_getIntPropertyValue(code_point, UCHAR_HANGUL_SYLLABLE_TYPE);
  if (syllable == U_HST_VOWEL_JAMO || syllable == U_HST_TRAILING_JAMO) return 0;  // join the consonant before them
  const int width = u_getIntPropertyValue(code_point, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

std::string spaces_up_to(const std::string& text, size_t width) {
  const size_t own = display_width(text);
  return std::string(own < width ? width - own : 0, ' ');
}

}  // namespace

std::string visible_text(std::string_view text) {
  std::u32string characters = decode_utf8(text);
  for (char32_t& c : characters) c = visible_character(c);
  return encode_utf8(characters);
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (const char32_t c : decode_utf8(text)) width += width_of_character(c);
  return width;
}

std::string padded_right(std::string text, size_t width) { return text + spaces_up_to(text, width); }
std::string padded_left(std::string text, size_t width) { return spaces_up_to(text, width) + text; }

}  // namespace sublayer::experiment::reporting
