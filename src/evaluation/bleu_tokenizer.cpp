#include "src/evaluation/bleu_tokenizer.h"

#include "src/core/suggest.h"
#include "src/evaluation/text.h"

#include <unicode/uchar.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace sublayer::evaluation {
namespace {

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_not_digit(char32_t c) { return !is_digit(c); }
bool is_period_or_comma(char32_t c) { return c == U'.' || c == U','; }
bool is_hyphen(char32_t c) { return c == U'-'; }

// ASCII signs that always stand alone: all but the apostrophe, comma, hyphen and period.
bool is_ascii_sign(char32_t c) {
  if (c < 0x21 || c > 0x7e || c == U'\'' || is_period_or_comma(c) || is_hyphen(c)) return false;
  const bool is_letter = (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z');
  return !is_digit(c) && !is_letter;
}

bool in_category(char32_t c, uint32_t mask) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & mask) != 0; }
bool is_punctuation(char32_t c) { return in_category(c, U_GC_P_MASK); }
bool is_symbol(char32_t c) { return in_category(c, U_GC_S_MASK); }
bool is_number(char32_t c) { return in_category(c, U_GC_N_MASK); }
bool is_not_number(char32_t c) { return !is_number(c); }

// The first range is what sacreBLEU does, though not what it means: it writes two ranges beyond U+FFFF with escapes
// of four digits, and these compare as U+2001 to U+2A6D. So dashes and curly quotes stand alone, and the ideographs
// of extension B (U+20000 and up) do not.
constexpr std::pair<char32_t, char32_t> chinese_ranges[] = {
    {0x2001, 0x2a6d},                                      // general punctuation ... supplemental operators
    {0x2e80, 0x2fdf}, {0x2ff0, 0x303f},                    // radicals, description characters, punctuation
    {0x3100, 0x312f}, {0x31a0, 0x31ef}, {0x3200, 0x33ff},  // bopomofo, strokes, enclosed and squared signs
    {0x3400, 0x4db5}, {0x4e00, 0x9fbb},                    // ideographs
    {0xf900, 0xfa2d}, {0xfa30, 0xfa6a}, {0xfa70, 0xfad9},  // compatibility ideographs
    {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0xff00, 0xffef},  // vertical, compatibility, half- and full-width forms
};

bool is_chinese(char32_t c) {
  for (const auto& [first, last] : chinese_ranges) {
    if (c >= first && c <= last) return true;
  }
  return false;
}

template <class Predicate>
std::u32string isolate(std::u32string_view text, Predicate is_isolated) {
  std::u32string separated;
  separated.reserve(2 * text.size());
  for (const char32_t c : text) {
    if (is_isolated(c)) {
      separated.append({U' ', c, U' '});
    } else {
      separated.push_back(c);
    }
  }
  return separated;
}

// Isolates one member of each matching pair of neighbours. As in a regular expression, matches do not overlap and
// the leftmost wins: in "a..b" the first period pairs with 'a', so the second has nothing on its left.
enum class Member { first, second };

template <class First, class Second>
std::u32string isolate_in_pairs(Member member, std::u32string_view text, First is_first, Second is_second) {
  std::u32string separated;
  separated.reserve(2 * text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_pair = i + 1 < text.size() && is_first(text[i]) && is_second(text[i + 1]);
    if (!is_pair) {
      separated.push_back(text[i]);
      continue;
    }
    if (member == Member::first) separated.push_back(U' ');
    separated.append({text[i], U' ', text[i + 1]});
    if (member == Member::second) separated.push_back(U' ');
    ++i;
  }
  return separated;
}

// A period or comma stays in a token only between digits; a hyphen leaves its word only after a digit.
std::u32string separate_western(std::u32string_view line) {
  std::u32string text = isolate(line, is_ascii_sign);
  text = isolate_in_pairs(Member::second, text, is_not_digit, is_period_or_comma);
  text = isolate_in_pairs(Member::first, text, is_period_or_comma, is_not_digit);
  return isolate_in_pairs(Member::second, text, is_digit, is_hyphen);
}

void replace_all(std::u32string& text, std::u32string_view pattern, std::u32string_view replacement) {
  size_t found = text.find(pattern);
  if (found == std::u32string::npos) return;
  std::u32string replaced;
  size_t copied = 0;
  for (; found != std::u32string::npos; found = text.find(pattern, copied)) {
    replaced.append(text, copied, found - copied).append(replacement);
    copied = found + pattern.size();
  }
  replaced.append(text, copied);
  text = std::move(replaced);
}

std::u32string separate_13a(std::u32string_view line) {
  std::u32string text(line);
  replace_all(text, U"<skipped>", U"");
  replace_all(text, U"-\n", U"");  // a word broken at the end of a line
  replace_all(text, U"\n", U" ");
  replace_all(text, U"&quot;", U"\"");
  replace_all(text, U"&amp;", U"&");  // before the next two: "&amp;lt;" becomes "<"
  replace_all(text, U"&lt;", U"<");
  replace_all(text, U"&gt;", U">");
  return separate_western(U' ' + text + U' ');  // neighbours for a period or comma at either end
}

std::u32string separate_zh(std::u32string_view line) { return separate_western(isolate(strip(line), is_chinese)); }

std::u32string separate_intl(std::u32string_view line) {
  std::u32string text = isolate_in_pairs(Member::second, line, is_not_number, is_punctuation);
  text = isolate_in_pairs(Member::first, text, is_punctuation, is_not_number);
  return isolate(text, is_symbol);
}

std::u32string separate_char(std::u32string_view line) {
  return isolate(line, [](char32_t) { return true; });
}

std::u32string separate_none(std::u32string_view line) { return std::u32string(line); }

constexpr std::array<BleuTokenizer, 5> bleu_tokenizers = {{
    {"13a", separate_13a},
    {"zh", separate_zh},
    {"intl", separate_intl},
    {"char", separate_char},
    {"none", separate_none},
}};

}  // namespace

const BleuTokenizer& find_bleu_tokenizer(std::string_view name) {
  for (const BleuTokenizer& tokenizer : bleu_tokenizers) {
    if (tokenizer.name == name) return tokenizer;
  }
  throw std::invalid_argument("unknown BLEU tokenizer '" + std::string(name) + "'." + suggest(name, bleu_tokenizer_names()));
}

std::vector<std::string> bleu_tokenizer_names() {
  std::vector<std::string> names;
  for (const BleuTokenizer& tokenizer : bleu_tokenizers) names.emplace_back(tokenizer.name);
  return names;
}

}  // namespace sublayer::evaluation
