#include "data/sentences.h"

#include <stdexcept>

#include "tests/support/catch.h"

namespace sublayer::test {
namespace {

using data::SentenceBlock;
using data::Sentences;

// Counts how often it is told that its memory is not needed.
class WatchedBlock : public SentenceBlock {
 public:
  using SentenceBlock::SentenceBlock;
  void release() const override { ++releases; }
  mutable int releases = 0;
};

}  // namespace

TEST_CASE("sentences give back their ids, two bytes each or four") {
  for (const int64_t largest : {65535, 65536}) {
    const std::vector<std::vector<int64_t>> given = {{0, largest}, {}, {3}};
    const Sentences sentences(given);
    REQUIRE(sentences.size() == 3);
    for (int64_t i = 0; i < 3; ++i) CHECK(sentences[i].ids() == given[i]);
    CHECK(sentences[0][1] == largest);
    const auto block = std::make_shared<SentenceBlock>(largest + 1);
    block->add(given[0]);
    CHECK(block->is_wide() == (largest > 65535));
  }
  CHECK(Sentences().size() == 0);
  CHECK_THROWS_AS(Sentences({{1}})[1], std::out_of_range);
  CHECK_THROWS_AS(Sentences({{1}})[-1], std::out_of_range);
}

TEST_CASE("a block refuses ids that its vocabulary does not have room for") {
  SentenceBlock block(100);
  CHECK_THROWS_AS(block.add(std::vector<int64_t>{65536}), std::out_of_range);
  CHECK_THROWS_AS(block.add(std::vector<int64_t>{-1}), std::out_of_range);
}

TEST_CASE("sentences of several blocks are numbered through, and a walk releases what it has passed") {
  Sentences sentences;
  std::vector<std::shared_ptr<WatchedBlock>> blocks;
  for (const int64_t count : {2, 0, 3}) {
    const auto block = blocks.emplace_back(std::make_shared<WatchedBlock>(10));
    for (int64_t i = 0; i < count; ++i) block->add(std::vector<int64_t>{count, i});
    sentences.append(SentenceBlock::run_of(block));
  }
  REQUIRE(sentences.size() == 5);
  CHECK(sentences.tokens() == 10);
  const std::vector<std::vector<int64_t>> expected = {{2, 0}, {2, 1}, {3, 0}, {3, 1}, {3, 2}};
  for (int64_t i = 0; i < 5; ++i) CHECK(sentences[i].ids() == expected[i]);

  std::vector<std::vector<int64_t>> walked;
  std::vector<int> released;
  sentences.for_each([&](const data::Sentence& sentence) {
    walked.push_back(sentence.ids());
    released.push_back(blocks[0]->releases);
  });
  CHECK(walked == expected);
  CHECK(released == std::vector<int>{0, 0, 1, 1, 1});
  CHECK(blocks[2]->releases == 1);
}

}  // namespace sublayer::test
