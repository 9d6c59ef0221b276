#include "src/evaluation/text.h"

#include "src/core/utf8.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>

#include <stdexcept>

namespace sublayer::evaluation {

namespace {

void require_utf8(std::string_view text) {
  if (const auto position = first_invalid_utf8(text)) throw std::invalid_argument("invalid UTF-8 at byte " + std::to_string(*position));
}

}  // namespace

std::u32string code_points(std::string_view text) {
  require_utf8(text);
  return decode_utf8(text);
}

std::string lower(std::string_view text) {
  require_utf8(text);  // ICU would replace ill-formed bytes without a word
  std::string lowered;
  icu::StringByteSink<std::string> sink(&lowered);
  UErrorCode status = U_ZERO_ERROR;
  constexpr const char* no_language = "";
  icu::CaseMap::utf8ToLower(no_language, 0, text, sink, nullptr, status);
  if (U_FAILURE(status)) throw std::runtime_error(std::string("lower-casing failed: ") + u_errorName(status));
  return lowered;
}

std::u32string code_points_of(std::string_view side, std::string_view text, bool lowercase) try {
  return lowercase ? code_points(lower(text)) : code_points(text);
} catch (const std::invalid_argument& error) {
  throw std::invalid_argument(std::string(side) + ": " + error.what());
}

bool is_space(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x3000;
}

std::u32string_view strip_right(std::u32string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::u32string_view strip(std::u32string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return strip_right(text);
}

std::vector<std::u32string_view> split(std::u32string_view text) {
  std::vector<std::u32string_view> pieces;
  size_t position = 0;
  while (position < text.size()) {
    const size_t start = position;
    while (position < text.size() && !is_space(text[position])) ++position;
    if (position > start) pieces.push_back(text.substr(start, position - start));
    ++position;
  }
  return pieces;
}

}  // namespace sublayer::evaluation
