#include "src/evaluation/text.h"

#include "src/core/utf8.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace sublayer::evaluation {
namespace {

// Pieces with a bar between them.
std::string split_and_joined(std::string_view line) {
  const std::u32string text = code_points(line);
  std::string joined;
  for (const std::u32string_view piece : split(text)) joined += (joined.empty() ? "" : "|") + encode_utf8(piece);
  return joined;
}

std::string refusal_of(std::string_view text) {
  return test::message_of<std::invalid_argument>([&] { code_points(text); });
}

}  // namespace

TEST_CASE("decoding UTF-8 gives code points of every length") {
  CHECK(code_points("") == U"");
  CHECK(code_points("a\u00e4\u4e2d\U0001f600") == U"a\u00e4\u4e2d\U0001f600");
  CHECK(code_points(std::string_view("a\0b", 3)) == std::u32string(U"a\0b", 3));
}

TEST_CASE("ill-formed UTF-8 is refused with the position of its first byte") {
  CHECK(refusal_of("abc\xff") == "invalid UTF-8 at byte 3");
  CHECK(refusal_of("\u00e4\x80") == "invalid UTF-8 at byte 2");        // continuation without a start
  CHECK(refusal_of("a\xe4\xb8") == "invalid UTF-8 at byte 1");         // cut off
  CHECK(refusal_of("\xc0\xaf") == "invalid UTF-8 at byte 0");          // overlong
  CHECK(refusal_of("\xed\xa0\x80") == "invalid UTF-8 at byte 0");      // surrogate
  CHECK(refusal_of("\xf4\x90\x80\x80") == "invalid UTF-8 at byte 0");  // beyond U+10FFFF
  CHECK_THROWS_AS(lower("a\xff"), std::invalid_argument);
}

TEST_CASE("white space is what Python takes for it") {
  std::u32string spaces = U"\t\n\v\f\r \u1680\u2028\u2029\u202f\u205f\u3000";
  for (const char32_t c : {0x1c, 0x1d, 0x1e, 0x1f, 0x85, 0xa0}) spaces.push_back(c);
  for (char32_t c = 0x2000; c <= 0x200a; ++c) spaces.push_back(c);
  std::u32string found;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (is_space(c)) found.push_back(c);
  }
  std::sort(spaces.begin(), spaces.end());
  CHECK(found == spaces);
  CHECK_FALSE(is_space(0x200b));  // zero width space
  CHECK_FALSE(is_space(0xfeff));  // byte order mark
}

TEST_CASE("splitting and stripping drop white space of every kind") {
  CHECK(split_and_joined("").empty());
  CHECK(split_and_joined(" \u3000\n").empty());
  CHECK(split_and_joined("\u00a0a  b\u2028c ") == "a|b|c");
  CHECK(strip(U"\u3000 a b\u00a0") == U"a b");
  CHECK(strip_right(U" a \t") == U" a");
  CHECK(strip(U" \n").empty());
}

TEST_CASE("a side of a segment is read as it is or lower-cased, and named where it is broken") {
  CHECK(code_points_of("reference", "\u00c4b") == U"\u00c4b");
  CHECK(code_points_of("reference", "\u00c4b", true) == U"\u00e4b");
  for (const bool lowercase : {false, true})
    CHECK_THROWS_WITH(code_points_of("reference", "a\xff", lowercase), "reference: invalid UTF-8 at byte 1");
}

TEST_CASE("lower case covers final sigma and the dotted capital I") {
  CHECK(lower("ABC \u00c4\u00dc") == "abc \u00e4\u00fc");
  CHECK(lower("\u039f\u03a3 \u03a3") == "\u03bf\u03c2 \u03c3");
  CHECK(lower("\u0130") == "i\u0307");
  CHECK(lower("I") == "i");
  CHECK(lower("\U00010400") == "\U00010428");
  CHECK(lower(std::string_view("A\0B", 3)) == std::string("a\0b", 3));
}

}  // namespace sublayer::evaluation
