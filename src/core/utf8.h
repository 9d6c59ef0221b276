#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sublayer {

// UTF-8 as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.

// Offset in bytes of the first ill-formed sequence.
std::optional<size_t> first_invalid_utf8(std::string_view text);

// The code point at the front of a text that is not empty. Of an ill-formed sequence, `code_point` is U+FFFD and `length` the part that
// one replacement stands for (the longest beginning of a well-formed sequence, or one byte).
struct Utf8Sequence {
  char32_t code_point = 0;
  size_t length = 0;
  bool is_well_formed = false;
};
Utf8Sequence first_utf8_sequence(std::string_view text);

// Ill-formed sequences become U+FFFD, one each as above.
std::u32string decode_utf8(std::string_view text);

// Surrogates and values above U+10FFFF become U+FFFD.
void append_utf8(std::string& text, char32_t code_point);
std::string encode_utf8(std::u32string_view code_points);

}  // namespace sublayer
