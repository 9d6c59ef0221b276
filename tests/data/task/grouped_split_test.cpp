#include "data/task/grouped_split.h"

#include <algorithm>
#include <map>

#include "tests/support/catch.h"

namespace sublayer::test {
namespace {

using task::draw_parts;
using task::Example;

// Pairs of few different sentences, so that many share one.
std::vector<Example> overlapping_pairs(int64_t size, int64_t sentences) {
  std::vector<Example> examples;
  const Noise noise = Noise(1)("test");
  for (int64_t i = 0; i < size; ++i) {
    examples.push_back({std::to_string(noise("source").below(sentences, i)), std::to_string(noise("target").below(sentences, i))});
  }
  return examples;
}

int64_t size_of(const std::vector<size_t>& parts, size_t part) { return std::count(parts.begin(), parts.end(), part); }

}  // namespace

TEST_CASE("pairs that share a sentence on either side are drawn into one part") {
  const auto examples = overlapping_pairs(400, 600);
  const auto parts = draw_parts(examples, {60, 80}, Noise(2));
  std::map<std::string, size_t> part_of_source, part_of_target;
  for (size_t i = 0; i < examples.size(); ++i) {
    REQUIRE(part_of_source.emplace(examples[i].source, parts[i]).first->second == parts[i]);
    REQUIRE(part_of_target.emplace(examples[i].target, parts[i]).first->second == parts[i]);
  }
  CHECK(size_of(parts, 0) == 60);
  CHECK(size_of(parts, 1) == 80);
}

TEST_CASE("pairs that are linked through others stay together") {
  // a-A, a-B, b-B, b-C: one chain. Only the last pair can be drawn into a part of one.
  const std::vector<Example> chain = {{"a", "A"}, {"a", "B"}, {"b", "B"}, {"b", "C"}, {"z", "Z"}};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(draw_parts(chain, {1}, Noise(seed)) == std::vector<size_t>{1, 1, 1, 1, 0});
    const auto parts = draw_parts(chain, {4}, Noise(seed));
    for (size_t i = 1; i < 4; ++i) CHECK(parts[i] == parts[0]);
  }
}

TEST_CASE("a source equal to a target links nothing") {
  CHECK(size_of(draw_parts({{"a", "b"}, {"b", "c"}, {"c", "a"}}, {1}, Noise(1)), 0) == 1);
}

TEST_CASE("a part never becomes larger than asked for, even where groups do not fit") {
  const std::vector<Example> triples = {{"a", "1"}, {"a", "2"}, {"a", "3"}, {"b", "4"}, {"b", "5"}, {"b", "6"}};
  for (uint64_t seed = 0; seed < 10; ++seed) {
    CHECK(size_of(draw_parts(triples, {2}, Noise(seed)), 0) == 0);
    CHECK(size_of(draw_parts(triples, {4}, Noise(seed)), 0) == 3);
    CHECK(size_of(draw_parts(triples, {3, 3}, Noise(seed)), 2) == 0);
  }
}

TEST_CASE("drawn parts depend on the noise") {
  const auto examples = overlapping_pairs(200, 1000);
  CHECK(draw_parts(examples, {50}, Noise(1)) == draw_parts(examples, {50}, Noise(1)));
  CHECK(draw_parts(examples, {50}, Noise(1)) != draw_parts(examples, {50}, Noise(2)));
}

}  // namespace sublayer::test
