#include "src/evaluation/edit_distance.h"

#include "tests/support/catch.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace sublayer::evaluation {
namespace {

constexpr EditUnit edit_units[] = {EditUnit::word, EditUnit::character};

int64_t edits(EditUnit unit, const std::string& hypothesis, const std::string& reference) {
  return count_edits(unit, hypothesis, reference).distance;
}

const std::vector<std::string> edit_texts = {"",
                                             " ",
                                             "a",
                                             "a b c",
                                             "b a c",
                                             "the cat sat on the mat",
                                             "the mat sat on a cat",
                                             "kitten",
                                             "sitting",
                                             "c b a a b c",
                                             "\u00e4\u00e3",
                                             "\U0001f600 \u6211",
                                             "a\u3000b c"};

}  // namespace

TEST_CASE("known edit distances") {
  CHECK(edits(EditUnit::character, "kitten", "sitting") == 3);
  CHECK(edits(EditUnit::character, "intention", "execution") == 5);
  CHECK(edits(EditUnit::character, "abc", "") == 3);
  CHECK(edits(EditUnit::character, "ab", "ba") == 2);  // an exchange is two edits
  CHECK(edits(EditUnit::word, "the cat sat", "a cat sat down") == 2);
  CHECK(edits(EditUnit::word, "kitten", "sitting") == 1);
}

TEST_CASE("a copy has distance 0 and everything else more") {
  for (const auto& a : edit_texts) {
    for (const auto& b : edit_texts) CHECK((edits(EditUnit::character, a, b) == 0) == (a == b));
    CHECK(edits(EditUnit::word, a, a) == 0);
  }
}

TEST_CASE("the edit distance is symmetric, between the difference and the maximum of lengths, and fulfils the triangle inequality") {
  for (const auto unit : edit_units) {
    for (const auto& a : edit_texts) {
      for (const auto& b : edit_texts) {
        INFO(a << " | " << b);
        const int64_t distance = edits(unit, a, b);
        const int64_t length_a = count_edits(unit, b, a).reference_length, length_b = count_edits(unit, a, b).reference_length;
        CHECK(distance == edits(unit, b, a));
        CHECK(distance >= std::abs(length_a - length_b));
        CHECK(distance <= std::max(length_a, length_b));
        for (const auto& c : edit_texts) CHECK(edits(unit, a, c) <= distance + edits(unit, b, c));
      }
    }
  }
}

TEST_CASE("what stands before and after on both sides changes no edit distance") {
  for (const auto unit : edit_units) {
    for (const auto& a : edit_texts) {
      for (const auto& b : edit_texts) {
        INFO(a << " | " << b);
        CHECK(edits(unit, "x y " + a + " z", "x y " + b + " z") == edits(unit, a, b));
      }
    }
  }
}

TEST_CASE("words are pieces between white space, characters are code points and white space among them") {
  const auto length = [](EditUnit unit, const std::string& text) { return count_edits(unit, "", text).reference_length; };
  CHECK(length(EditUnit::word, " a\u00a0b\u3000 c\t") == 3);
  CHECK(length(EditUnit::character, " a\u00a0b\u3000 c\t") == 8);
  CHECK(length(EditUnit::character, "\u00e4\U0001f600e\u0301") == 4);
  CHECK(edits(EditUnit::word, "a  b", "\ta b ") == 0);
  CHECK(edits(EditUnit::character, "\u00e4", "\u00e3") == 1);
  CHECK(edits(EditUnit::character, "\U0001f600", "a") == 1);
}

TEST_CASE("the error rate is in percent of the reference") {
  CHECK(error_rate({.distance = 0, .reference_length = 5}) == 0);
  CHECK(error_rate({.distance = 3, .reference_length = 12}) == 25);
  CHECK(error_rate({.distance = 6, .reference_length = 4}) == 150);
}

TEST_CASE("the error rate of an empty reference is finite, and 0 for a copy") {
  CHECK(error_rate(count_edits(EditUnit::word, "", "")) == 0);
  CHECK(error_rate(count_edits(EditUnit::word, "a b", "")) == 200);
}

TEST_CASE("the edit distance refuses ill-formed text") {
  for (const auto unit : edit_units) {
    CHECK_THROWS_WITH(count_edits(unit, "a\xff", "a"), "hypothesis: invalid UTF-8 at byte 1");
    CHECK_THROWS_WITH(count_edits(unit, "a", "\xff"), "reference: invalid UTF-8 at byte 0");
  }
}

}  // namespace sublayer::evaluation
