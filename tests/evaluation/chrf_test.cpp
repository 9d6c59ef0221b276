#include "src/evaluation/chrf.h"

#include "tests/support/catch.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "src/core/version.h"

namespace sublayer::evaluation {
namespace {

double chrf_of(const std::string& hypothesis, const std::string& reference, const ChrfOptions& options = {}) {
  const Chrf chrf(options);
  return chrf.score(chrf.count(hypothesis, reference));
}

std::vector<int64_t> chrf_matches(const std::string& hypothesis, const std::string& reference, const ChrfOptions& options) {
  std::vector<int64_t> matches;
  for (const auto& order : Chrf(options).count(hypothesis, reference)) matches.push_back(order.matches);
  return matches;
}

const std::vector<std::string> chrf_texts = {"The cat (black) sat on the mat.",
                                             "It cost 1,234.56 dollars in 1999-2000!",
                                             "\u6211\u7684\u8239\u662f\u5c0f\u7684\u3002",
                                             "a",
                                             "A dog  runs over the\u3000green grass near a lake",
                                             "\U0001f600 ok"};
const std::vector<ChrfOptions> chrf_variants = {{},
                                                {.word_order = 2},
                                                {.char_order = 0, .word_order = 1},
                                                {.char_order = 2, .beta = 1, .whitespace = true},
                                                {.word_order = 1, .beta = 3, .lowercase = true}};

}  // namespace

TEST_CASE("a perfect copy has chrF 100, something else less, and nothing in common 0") {
  for (const auto& options : chrf_variants) {
    INFO(Chrf(options).signature());
    for (const auto& text : chrf_texts) {
      INFO(text);
      CHECK(chrf_of(text, text, options) == Approx(100));
      CHECK(chrf_of(text + " more", text, options) < 100);
      CHECK(chrf_of(text, text + " more", options) < 100);
      CHECK(chrf_of("\u05d0", text, options) == 0);
    }
  }
}

TEST_CASE("chrF lies between 0 and 100") {
  for (const auto& options : chrf_variants) {
    for (const auto& hypothesis : chrf_texts) {
      for (const auto& reference : chrf_texts) {
        const double score = chrf_of(hypothesis, reference, options);
        CHECK(score >= 0);
        CHECK(score <= Approx(100));
      }
    }
  }
}

TEST_CASE("the n-grams of a small segment are those that counting by hand gives") {
  const Chrf chrf({.char_order = 3, .word_order = 2});
  const auto orders = chrf.count("ab ab c", "ab c ab");  // ababc and abcab; of words: ab ab c and ab c ab
  std::vector<std::vector<int64_t>> seen;
  for (const auto& order : orders) seen.push_back({order.hypothesis, order.reference, order.matches});
  CHECK(seen == std::vector<std::vector<int64_t>>{{5, 5, 5}, {4, 4, 3}, {3, 3, 1}, {3, 3, 3}, {2, 2, 1}});
  CHECK(chrf.score(orders) == Approx(100 * (1 + 3. / 4 + 1. / 3 + 1 + 1. / 2) / 5));  // precision is recall here, whatever beta is
}

TEST_CASE("an n-gram matches as often as the side has it that has fewer") {
  CHECK(chrf_matches("aaaa", "aa", {.char_order = 2}) == std::vector<int64_t>{2, 1});
  CHECK(chrf_matches("aa", "aaaa", {.char_order = 2}) == std::vector<int64_t>{2, 1});
}

TEST_CASE("beta weighs recall against precision") {
  const double precision = 2. / 4, recall = 2. / 2;  // of characters
  CHECK(chrf_of("abcd", "ab", {.char_order = 1, .beta = 0}) == Approx(100 * precision));
  CHECK(chrf_of("abcd", "ab", {.char_order = 1, .beta = 1}) == Approx(100 * 2 * precision * recall / (precision + recall)));
  CHECK(chrf_of("abcd", "ab", {.char_order = 1, .beta = 2}) == Approx(100 * 5 * precision * recall / (4 * precision + recall)));
  CHECK(chrf_of("abcd", "ab", {.char_order = 1, .beta = 1000}) == Approx(100 * recall).epsilon(1e-4));
}

TEST_CASE("exchanging the sides exchanges precision and recall") {
  for (const auto& a : chrf_texts) {
    for (const auto& b : chrf_texts) {
      const ChrfOptions even{.beta = 1};
      CHECK(chrf_of(a, b, even) == Approx(chrf_of(b, a, even)));
    }
  }
}

TEST_CASE("orders that one side lacks are left out, of segments and of sums") {
  CHECK(chrf_of("ab", "ab", {.char_order = 6}) == Approx(100));
  const Chrf chrf({.char_order = 3});
  const auto orders = chrf.count("abcd", "ab");
  CHECK(orders[2].hypothesis == 0);  // the reference has no trigram
  CHECK(orders[2].reference == 0);
  CHECK(chrf.score(orders) == chrf_of("abcd", "ab", {.char_order = 2}));
}

TEST_CASE("a score of summed counts is that of a corpus, not a mean of scores") {
  const Chrf chrf({.char_order = 1, .beta = 1});
  auto sums = chrf.count("abcdefgh", "abcdefgh");
  const auto second = chrf.count("xx", "yy");
  sums[0].hypothesis += second[0].hypothesis;
  sums[0].reference += second[0].reference;
  sums[0].matches += second[0].matches;
  CHECK(chrf.score(sums) == Approx(100 * 8. / 10));
}

TEST_CASE("white space separates words only, unless it counts as characters") {
  CHECK(chrf_of("a\u00a0b\u3000c", "abc") == Approx(100));
  CHECK(chrf_of("a b c", "abc", {.whitespace = true}) < 100);
  CHECK(chrf_of("a b ", "a b", {.whitespace = true}) < 100);
  CHECK(chrf_matches("a b", "a\tb", {.char_order = 1, .whitespace = true}) == std::vector<int64_t>{2});
}

TEST_CASE("chrF++ takes one sign of punctuation off a word, at its end before its beginning") {
  const ChrfOptions words{.char_order = 0, .word_order = 1};
  CHECK(chrf_matches("cat.", "cat .", words) == std::vector<int64_t>{2});
  CHECK(chrf_matches("(cat", "( cat", words) == std::vector<int64_t>{2});
  CHECK(chrf_matches("(cat)", "( cat )", words) == std::vector<int64_t>{1});  // (cat and )
  CHECK(chrf_matches("cat..", "cat .", words) == std::vector<int64_t>{1});    // cat. and .
  CHECK(chrf_matches("state-of-the-art", "state - of", words) == std::vector<int64_t>{0});
  CHECK(chrf_matches("\u8239\u3002", "\u8239 \u3002", words) == std::vector<int64_t>{0});  // ASCII alone counts as punctuation
}

TEST_CASE("chrF counts code points and lower-cases them where it is asked to") {
  CHECK(chrf_matches("\u00e4\U0001f600", "\u00e4\U0001f600", {.char_order = 3}) == std::vector<int64_t>{2, 1, 0});
  CHECK(chrf_matches("\u00e4", "\u00e3", {.char_order = 1}) == std::vector<int64_t>{0});  // their bytes share a beginning
  CHECK(chrf_of("\u039f\u0394\u039f\u03a3 \u00c4HRE", "\u03bf\u03b4\u03bf\u03c2 \u00e4hre") == 0);
  CHECK(chrf_of("\u039f\u0394\u039f\u03a3 \u00c4HRE", "\u03bf\u03b4\u03bf\u03c2 \u00e4hre", {.lowercase = true}) == Approx(100));
}

TEST_CASE("chrF of empty texts is 0") {
  for (const auto& options : chrf_variants) {
    CHECK(chrf_of("", "", options) == 0);
    CHECK(chrf_of("a", "", options) == 0);
    CHECK(chrf_of("", "a", options) == 0);
  }
}

TEST_CASE("the signature of chrF names everything that the score depends on") {
  CHECK(Chrf({}).signature() == std::string("nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|beta:2|version:sublayer-") + version());
  CHECK(Chrf({.char_order = 5, .word_order = 2, .beta = 3, .lowercase = true, .whitespace = true}).signature() ==
        std::string("nrefs:1|case:lc|eff:yes|nc:5|nw:2|space:yes|beta:3|version:sublayer-") + version());
}

TEST_CASE("chrF refuses ill-formed text and impossible options and says why") {
  const Chrf chrf({});
  CHECK_THROWS_WITH(chrf.count("a\xff", "a"), "hypothesis: invalid UTF-8 at byte 1");
  CHECK_THROWS_WITH(chrf.count("a", "\xff"), "reference: invalid UTF-8 at byte 0");
  CHECK_THROWS_WITH(Chrf({.char_order = 0}), "chrF needs n-grams of characters or of words");
  CHECK_THROWS_AS(Chrf({.beta = -1}), std::invalid_argument);
  CHECK_THROWS_AS(Chrf({.word_order = -1}), std::invalid_argument);
}

}  // namespace sublayer::evaluation
