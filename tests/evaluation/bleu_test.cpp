#include "src/evaluation/bleu.h"

#include "src/core/version.h"
#include "tests/support/catch.h"

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace sublayer::evaluation {
namespace {

using Strings = std::vector<std::string>;

const Strings references = {"The cat sat on the mat.", "It cost 1,234.56 dollars in 1999-2000!",
                            "\u6211\u7684\u8239\u662f\u5c0f\u7684\u3002", "A dog runs over the green grass near a lake."};
const Strings hypotheses = {"The cat sat on a mat.", "It cost 1,234.56 euros in 1999-2000!", "\u6211\u7684\u8239\u5f88\u5c0f\u3002",
                            "A dog runs over green grass."};

}  // namespace

TEST_CASE("a perfect copy scores 100 with every tokenizer") {
  for (const std::string& name : bleu_tokenizer_names()) {
    INFO(name);
    CHECK(Bleu({.tokenize = name}).corpus(references, references).score == Approx(100));
  }
}

TEST_CASE("a known corpus has the precisions that counting by hand gives") {
  const Strings hypothesis = {"the the the the cat sat"};
  const Strings reference = {"the cat sat on the mat now"};
  const BleuScore result = Bleu({}).corpus(hypothesis, reference);
  CHECK(result.statistics.correct == std::array<int64_t, 4>{4, 2, 1, 0});
  CHECK(result.statistics.total == std::array<int64_t, 4>{6, 5, 4, 3});
  CHECK(result.brevity_penalty == Approx(std::exp(1.0 - 7.0 / 6.0)));
  CHECK(result.precisions[3] == Approx(100 * 0.5 / 3));  // smoothed: half a match
  CHECK(result.score == Approx(100 * std::exp(1.0 - 7.0 / 6.0) * std::pow(4.0 / 6 * 2.0 / 5 * 1.0 / 4 * 0.5 / 3, 0.25)));
}

TEST_CASE("the order of segments does not matter") {
  Strings reversed_hypotheses(hypotheses.rbegin(), hypotheses.rend());
  Strings reversed_references(references.rbegin(), references.rend());
  const Bleu bleu({.tokenize = "zh"});
  CHECK(bleu.corpus(reversed_hypotheses, reversed_references).score == bleu.corpus(hypotheses, references).score);
}

TEST_CASE("the corpus score is the score of the summed counts of its segments") {
  const Bleu bleu({.tokenize = "char"});
  BleuStatistics sum;
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    const std::string_view reference = references[i];
    sum += bleu.count(hypotheses[i], std::span(&reference, 1));
  }
  CHECK(bleu.score(sum).score == bleu.corpus(hypotheses, references).score);
}

TEST_CASE("a longer hypothesis is not penalised for brevity and a shorter one is") {
  const Bleu bleu({});
  CHECK(bleu.corpus(Strings{"a b c d e f"}, Strings{"a b c d"}).brevity_penalty == 1);
  CHECK(bleu.corpus(Strings{"a b"}, Strings{"a b c d"}).brevity_penalty == Approx(std::exp(-1.0)));
}

TEST_CASE("hypotheses without a 4-gram score 0 unless the effective order is used") {
  const Strings short_line = {"a b c"};
  CHECK(Bleu({}).corpus(short_line, short_line).score == 0);
  CHECK(Bleu({.effective_order = true}).corpus(short_line, short_line).score == Approx(100));
}

TEST_CASE("nothing in common and empty texts score 0") {
  for (const bool effective_order : {false, true}) {
    const Bleu bleu({.effective_order = effective_order});
    CHECK(bleu.corpus(Strings{"a b c d"}, Strings{"e f g h"}).score == 0);
    CHECK(bleu.corpus(Strings{""}, Strings{"a b c d"}).score == 0);
    CHECK(bleu.corpus(Strings{"a b c d"}, Strings{""}).score == 0);
    CHECK(bleu.corpus(Strings{""}, Strings{" "}).score == 0);
  }
  CHECK(Bleu({}).corpus(Strings{""}, Strings{"a"}).brevity_penalty == 0);
}

TEST_CASE("lower-casing makes case irrelevant") {
  const Strings upper_case = {"\u039f\u0394\u039f\u03a3 IN DER \u00c4HRE STEHT"};
  const Strings lower_case = {"\u03bf\u03b4\u03bf\u03c2 in der \u00e4hre steht"};
  CHECK(Bleu({.lowercase = true}).corpus(upper_case, lower_case).score == Approx(100));
  CHECK(Bleu({}).corpus(upper_case, lower_case).score == 0);
}

TEST_CASE("several references share their n-grams and the closest length counts") {
  const Strings hypothesis = {"a b c d x y z w"};
  const Strings first = {"a b c d"};
  const Strings second = {"x y z w q q q q q q q q"};
  const std::vector<Lines> both = {first, second};
  const BleuScore result = Bleu({}).corpus(hypothesis, both);
  CHECK(result.statistics.correct == std::array<int64_t, 4>{8, 6, 4, 2});
  CHECK(result.statistics.reference_length == 4);  // 4 and 12 are equally far from 8: the shorter one
}

TEST_CASE("the signature names everything that the score depends on") {
  CHECK(Bleu({}).signature() == std::string("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:sublayer-") + version());
  CHECK(Bleu({.tokenize = "zh", .lowercase = true, .effective_order = true}).signature(2) ==
        std::string("nrefs:2|case:lc|eff:yes|tok:zh|smooth:exp|version:sublayer-") + version());
}

TEST_CASE("BLEU refuses what it cannot score and says why") {
  const Bleu bleu({});
  CHECK_THROWS_WITH(bleu.corpus(Strings{"a", "b"}, Strings{"a"}), "BLEU got 2 hypotheses and 1 references");
  CHECK_THROWS_WITH(bleu.corpus(Strings{}, Strings{}), "BLEU needs at least one segment");
  CHECK_THROWS_WITH(bleu.corpus(Strings{"a", "b"}, Strings{"a", "b\xff"}), "segment 1: reference: invalid UTF-8 at byte 1");
  CHECK_THROWS_WITH(bleu.corpus(Strings{"\xff"}, Strings{"a"}), "segment 0: hypothesis: invalid UTF-8 at byte 0");
  CHECK_THROWS_WITH(bleu.corpus(Strings{"a"}, std::vector<Lines>{}), "segment 0: BLEU needs at least one reference");
  CHECK_THROWS_AS(Bleu({.tokenize = "14a"}), std::invalid_argument);
}

}  // namespace sublayer::evaluation
