#include "src/core/utf8.h"

#include <cstdint>
#include <vector>

#include "tests/support/catch.h"

namespace sublayer::test {
namespace {

constexpr char32_t last_code_point = 0x10FFFF;

bool is_surrogate(char32_t code_point) { return code_point >= 0xD800 && code_point <= 0xDFFF; }

}  // namespace

TEST_CASE("every code point but the surrogates survives encoding and decoding") {
  for (char32_t code_point = 0; code_point <= last_code_point; ++code_point) {
    if (is_surrogate(code_point)) continue;
    std::string text;
    append_utf8(text, code_point);
    const auto sequence = first_utf8_sequence(text);
    const bool is_same = sequence.code_point == code_point && sequence.length == text.size();
    if (!is_same || first_invalid_utf8(text)) FAIL("code point " << uint32_t{code_point});
  }
}

TEST_CASE("of all sequences of up to three bytes, those are well-formed that some code point encodes to") {
  std::vector<bool> is_encoding(size_t{1} << 24);  // indexed by the bytes of a sequence
  const auto index = [](const std::string& text) {
    size_t value = 0;
    for (const char byte : text) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
  };
  for (char32_t code_point = 0; code_point <= 0xFFFF; ++code_point) {
    if (!is_surrogate(code_point)) is_encoding[index(encode_utf8(std::u32string(1, code_point)))] = true;
  }
  size_t differences = 0;
  for (size_t value = 0; value < is_encoding.size(); ++value) {
    std::string text;
    for (int shift = value > 0xFFFF ? 16 : value > 0xFF ? 8 : 0; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift);
    const auto sequence = first_utf8_sequence(text);
    differences += (sequence.is_well_formed && sequence.length == text.size()) != is_encoding[value];
  }
  CHECK(differences == 0);
}

TEST_CASE("values that are no code points are encoded as the replacement character") {
  for (const char32_t value : {char32_t{0xD800}, char32_t{0xDFFF}, char32_t{last_code_point + 1}, char32_t{0xFFFFFFFF}}) {
    CHECK(encode_utf8(std::u32string(1, value)) == "\xef\xbf\xbd");
  }
}

TEST_CASE("the first ill-formed sequence is found at its offset, wherever it stands") {
  const std::vector<std::string> ill_formed = {
      "\x80",              // a trailing byte alone
      "\xc0\x80",          // overlong
      "\xc1\xbf",          // overlong
      "\xe0\x9f\xbf",      // overlong
      "\xf0\x8f\xbf\xbf",  // overlong
      "\xed\xa0\x80",      // surrogate
      "\xf4\x90\x80\x80",  // above U+10FFFF
      "\xf5\x80\x80\x80",  // above U+10FFFF
      "\xff",              // in no sequence
      "\xe2\x82",          // cut
      "\xf0\x9f\x98",      // cut
  };
  for (const auto& bytes : ill_formed) {
    for (size_t before = 0; before < 20; ++before) {
      const std::string good = encode_utf8(std::u32string(before % 3, U'\u00e9')) + std::string(before, 'a');
      REQUIRE_FALSE(first_invalid_utf8(good));
      REQUIRE(first_invalid_utf8(good + bytes) == good.size());
      REQUIRE(first_invalid_utf8(good + bytes + "tail, longer than a word") == good.size());
    }
  }
}

TEST_CASE("each longest beginning of a well-formed sequence is replaced once") {
  // The example of the Unicode Standard, section "U+FFFD Substitution of Maximal Subparts".
  CHECK(decode_utf8("a\xf1\x80\x80\xe1\x80\xc2"
                    "b\x80"
                    "c\x80\xbf"
                    "d") == U"a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
  CHECK(decode_utf8("\xed\xa0\x80\xf0\x9f\x98") == U"\uFFFD\uFFFD\uFFFD\uFFFD");
  CHECK(decode_utf8("").empty());
}

}  // namespace sublayer::test
