#include "src/evaluation/bleu_tokenizer.h"

#include "src/core/utf8.h"
#include "src/evaluation/text.h"
#include "tests/support/catch.h"

#include <string>
#include <vector>

namespace sublayer::evaluation {
namespace {

// Tokens with one space between them.
std::string tokenized(std::string_view tokenizer, std::string_view line) {
  const std::u32string separated = find_bleu_tokenizer(tokenizer).separate(code_points(line));
  std::string joined;
  for (const std::u32string_view token : split(separated)) joined += (joined.empty() ? "" : " ") + encode_utf8(token);
  return joined;
}

}  // namespace

TEST_CASE("13a sets ASCII signs apart but not apostrophes and inner hyphens") {
  CHECK(tokenized("13a", "Hello, (big) world!") == "Hello , ( big ) world !");
  CHECK(tokenized("13a", "don't state-of-the-art") == "don't state-of-the-art");
  CHECK(tokenized("13a", "a/b@c_d~e^f") == "a / b @ c _ d ~ e ^ f");
}

TEST_CASE("13a keeps a period or comma between digits and splits a hyphen after a digit") {
  CHECK(tokenized("13a", "1,234.56 1990-2000 a-1") == "1,234.56 1990 - 2000 a-1");
  CHECK(tokenized("13a", "The end.") == "The end .");
  CHECK(tokenized("13a", "In 1999.") == "In 1999 .");
  CHECK(tokenized("13a", ".5") == ". 5");
  CHECK(tokenized("13a", "a..b") == "a . . b");
}

TEST_CASE("13a decodes four XML entities and rejoins words broken by a hyphen at the end of a line") {
  CHECK(tokenized("13a", "&quot;a&quot; &lt;b&gt; &amp;") == "\" a \" < b > &");
  CHECK(tokenized("13a", "&amp;lt; &amp;quot;") == "< & quot ;");
  CHECK(tokenized("13a", "&apos;") == "& apos ;");
  CHECK(tokenized("13a", "bro-\nken\nline") == "broken line");
  CHECK(tokenized("13a", "a <skipped> b") == "a b");
}

TEST_CASE("13a leaves signs beyond ASCII in their words") {
  CHECK(tokenized("13a", "\u201cquoted\u201d\u2014yes") == "\u201cquoted\u201d\u2014yes");
  CHECK(tokenized("13a", "a\u00a0b\u3000c") == "a b c");
}

TEST_CASE("zh sets each Chinese character apart and tokenises the rest like 13a") {
  CHECK(tokenized("zh", "\u6211\u7684boat\u662f5.5\u7c73\u3002") == "\u6211 \u7684 boat \u662f 5.5 \u7c73 \u3002");
  CHECK(tokenized("zh", "In 1999.") == "In 1999.");                 // the end of the line is no neighbour
  CHECK(tokenized("zh", "&quot;") == "& quot ;");                   // entities stay
  CHECK(tokenized("zh", "a\u2014b\u2026") == "a \u2014 b \u2026");  // sacreBLEU's accidental range
  CHECK(tokenized("zh", "\U00020000\U00020001") == "\U00020000\U00020001");
}

TEST_CASE("intl sets Unicode punctuation and symbols apart") {
  CHECK(tokenized("intl", "\u201ca\u201d costs 5\u20ac, i.e. 1,000.5") == "\u201c a \u201d costs 5 \u20ac , i . e . 1,000.5");
  CHECK(tokenized("intl", "In 1999.") == "In 1999.");
  CHECK(tokenized("intl", "e-mail") == "e - mail");
}

TEST_CASE("char makes a token of each code point and none of each word") {
  CHECK(tokenized("char", "ab \u4e2de\u0301") == "a b \u4e2d e \u0301");
  CHECK(tokenized("none", " Hello,  world! ") == "Hello, world!");
}

TEST_CASE("no tokenizer loses or adds text other than white space, entities apart") {
  const std::string line = "..x.1,2-3 \u201cA\u00a0b\u201d\u4e2d\u6587-\U0001f600 (c)";
  const std::string characters = tokenized("char", line);
  for (const std::string& name : bleu_tokenizer_names()) {
    INFO(name);
    CHECK(tokenized("char", tokenized(name, line)) == characters);
  }
}

TEST_CASE("an unknown BLEU tokenizer is refused with the known names") {
  CHECK_THROWS_WITH(find_bleu_tokenizer("14a"), "unknown BLEU tokenizer '14a'. Did you mean '13a'? Known: 13a, zh, intl, char, none");
}

}  // namespace sublayer::evaluation
