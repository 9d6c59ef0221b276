#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sublayer::evaluation {

// Puts white space between the tokens of one line; what stands between white space afterwards is a token.
// The names and rules are sacreBLEU's (Post 2018, "A Call for Clarity in Reporting BLEU Scores"):
//   13a   mteval-v13a of WMT: ASCII punctuation apart, four XML entities decoded. For western languages.
//   zh    each Chinese character and full-width sign apart, the rest nearly as 13a, without entities.
//   intl  mteval-v14: Unicode punctuation and symbols apart.
//   char  each code point is a token.
//   none  white space alone.
struct BleuTokenizer {
  std::string_view name;
  std::u32string (*separate)(std::u32string_view line);
};

// Throws std::invalid_argument that lists the known names.
const BleuTokenizer& find_bleu_tokenizer(std::string_view name);

std::vector<std::string> bleu_tokenizer_names();

}  // namespace sublayer::evaluation
