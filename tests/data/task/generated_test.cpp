#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "data/task/task.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::test {
namespace {

using task::Example;
using task::Split;
using task::Task;

std::vector<Example> examples_of(const std::string& yaml, Split split = Split::train) {
  return choice_of<Task>(yaml).build()->load(split).examples;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// "1 2" -> 12
uint64_t number_of(std::string digits) {
  digits.erase(std::remove(digits.begin(), digits.end(), ' '), digits.end());
  return std::stoull(digits);
}

}  // namespace

TEST_CASE("copy, reverse and sort do with the same sources what their names say") {
  const std::string options = ", train: 200, valid: 20, test: 20, symbols: 12, max_length: 9}";
  const auto copy = examples_of("{type: copy" + options), reverse = examples_of("{type: reverse" + options),
             sort = examples_of("{type: sort" + options);
  REQUIRE(copy.size() == 200);
  for (size_t i = 0; i < copy.size(); ++i) {
    auto words = words_of(copy[i].source);
    REQUIRE(copy[i].target == copy[i].source);
    REQUIRE(reverse[i].source == copy[i].source);
    REQUIRE(sort[i].source == copy[i].source);
    std::reverse(words.begin(), words.end());
    REQUIRE(words_of(reverse[i].target) == words);
    std::sort(words.begin(), words.end());
    REQUIRE(words_of(sort[i].target) == words);
  }
}

TEST_CASE("sequences use all symbols and all lengths that they may, and no others") {
  std::set<std::string> symbols;
  std::set<size_t> lengths;
  for (const auto& example : examples_of("{type: copy, symbols: 11, min_length: 3, max_length: 6, train: 1000}")) {
    const auto words = words_of(example.source);
    symbols.insert(words.begin(), words.end());
    lengths.insert(words.size());
  }
  CHECK(symbols == std::set<std::string>{"s00", "s01", "s02", "s03", "s04", "s05", "s06", "s07", "s08", "s09", "s10"});
  CHECK(lengths == std::set<size_t>{3, 4, 5, 6});
}

TEST_CASE("generated splits have the sizes asked for, and another training size leaves validation and test as they are") {
  for (const std::string name : {"copy", "addition"}) {
    const auto size = [&](Split split) { return examples_of("{type: " + name + ", train: 70, valid: 30, test: 0}", split).size(); };
    CHECK(size(Split::train) == 70);
    CHECK(size(Split::valid) == 30);
    CHECK(size(Split::test) == 0);
    for (const Split split : {Split::valid, Split::test}) {
      CHECK(hash_of(choice_of<Task>("{type: " + name + ", train: 70}").build()->load(split)) ==
            hash_of(choice_of<Task>("{type: " + name + ", train: 700}").build()->load(split)));
    }
  }
}

TEST_CASE("no source is generated twice") {
  std::set<std::string> sources;
  const auto examples = examples_of("{type: copy, symbols: 2, max_length: 9, train: 300, valid: 0, test: 0}");
  for (const auto& example : examples) sources.insert(example.source);
  CHECK(sources.size() == 300);
}

TEST_CASE("addition adds, with a word for each digit, short and long numbers alike") {
  std::set<size_t> lengths;
  for (const auto& example : examples_of("{type: addition, digits: 3, train: 500}")) {
    const size_t plus = example.source.find('+');
    REQUIRE(number_of(example.source.substr(0, plus)) + number_of(example.source.substr(plus + 1)) == number_of(example.target));
    for (const auto& word : words_of(example.source + " " + example.target)) REQUIRE(word.size() == 1);
    lengths.insert(words_of(example.source).size());
  }
  CHECK(lengths == std::set<size_t>{3, 4, 5, 6, 7});
}

TEST_CASE("addition writes the same sums with the lowest digit first, if asked") {
  const auto plain = examples_of("{type: addition, digits: 3, train: 50}");
  const auto turned = examples_of("{type: addition, digits: 3, train: 50, order: lowest_first}");
  const auto reversed = [](std::string text) {
    std::reverse(text.begin(), text.end());
    return text;
  };
  for (size_t i = 0; i < plain.size(); ++i) {
    const size_t plus = plain[i].source.find(" + ");
    CHECK(turned[i].source == reversed(plain[i].source.substr(0, plus)) + " + " + reversed(plain[i].source.substr(plus + 3)));
    CHECK(turned[i].target == reversed(plain[i].target));
  }
}

TEST_CASE("generated tasks refuse sizes that make no sense and name the key") {
  CHECK(refusal_of<Task>("{type: copy, symbols: 0}") == "test.yaml:1: task.symbols: must be positive");
  CHECK(refusal_of<Task>("{type: copy, min_length: 0}") == "test.yaml:1: task.min_length: must be positive");
  CHECK(refusal_of<Task>("{type: copy, min_length: 5, max_length: 4}") == "test.yaml:1: task.max_length: must not be below min_length");
  CHECK(refusal_of<Task>("{type: copy, train: 0}") == "test.yaml:1: task.train: must be positive");
  CHECK(refusal_of<Task>("{type: copy, valid: -1}") == "test.yaml:1: task.valid: must not be negative");
  CHECK(refusal_of<Task>("{type: copy, test: -1}") == "test.yaml:1: task.test: must not be negative");
  CHECK(refusal_of<Task>("{type: addition, digits: 0}") == "test.yaml:1: task.digits: must be in 1 .. 18");
  const std::string too_many = "test.yaml:1: task.train: train + valid + test must be at most half of the possible different sources";
  CHECK(refusal_of<Task>("{type: copy, symbols: 2, max_length: 3, train: 8, valid: 0, test: 0}") == too_many);
  CHECK(refusal_of<Task>("{type: addition, digits: 1, train: 51, valid: 0, test: 0}") == too_many);
  CHECK(refusal_of<Task>("{type: copy, symbols: 2, max_length: 3, train: 7, valid: 0, test: 0}") == "(nothing was thrown)");
}

}  // namespace sublayer::test
