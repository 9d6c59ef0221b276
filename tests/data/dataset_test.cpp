#include "data/dataset.h"

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"

namespace sublayer::test {
namespace {

using task::Dropped;

const task::Corpus corpus{{{"a b", "A"}, {"a a a", "A A"}, {"b", "B B B"}, {"a", "A"}}, {{"empty side", 2}}};

tokenizer::Tokenizers words() { return train_tokenizers(choice_of<tokenizer::Tokenizer>("{type: whitespace, joint: false}"), corpus); }

data::LengthLimits limits_of(int64_t source, int64_t target) {
  data::LengthLimits limits;
  limits.max_source_length = source;
  limits.max_target_length = target;
  return limits;
}

}  // namespace

TEST_CASE("a dataset holds the ids of the pairs in their order") {
  const auto tokenizers = words();
  Dropped dropped;
  const auto dataset = data::tokenize(corpus, tokenizers, data::LengthLimits(), dropped);
  REQUIRE(dataset.size() == 4);
  for (int64_t i = 0; i < 4; ++i) {
    CHECK(tokenizers.source->decode(dataset.source[i].ids()) == corpus.examples[i].source);
    CHECK(tokenizers.target->decode(dataset.target[i].ids()) == corpus.examples[i].target);
  }
  CHECK(dropped == corpus.dropped);
}

TEST_CASE("pairs above a length limit are left out and counted under the rule's name; the end symbol counts") {
  Dropped dropped;
  const auto dataset = data::tokenize(corpus, words(), limits_of(3, 3), dropped);
  CHECK(dataset.size() == 2);
  CHECK(dropped == Dropped{{"empty side", 2}, {"source longer than max_source_length", 1}, {"target longer than max_target_length", 1}});

  dropped.clear();
  CHECK(data::tokenize(corpus, words(), limits_of(4, 4), dropped).size() == 4);
  CHECK(data::tokenize(corpus, words(), data::LengthLimits::none(), dropped).size() == 4);
}

TEST_CASE("the share of unknown tokens is counted over all tokens") {
  CHECK(data::unknown_share({{4, tokenizer::unknown_id}, {5, 6}}) == 0.25);
  CHECK(data::unknown_share({{}, {}}) == 0);
}

TEST_CASE("the description of a dataset tells sizes, unknown tokens, what was left out, and shows the first pairs") {
  const auto tokenizers = words();
  Dropped dropped;
  const task::Corpus other{{{"a zzz", "A"}, {"b", "B A"}}, {{"empty side", 2}}};
  const auto dataset = data::tokenize(other, tokenizers, data::LengthLimits(), dropped);
  CHECK(data::describe_dataset(dataset, tokenizers, dropped, 1) ==
        "2 pairs\n"
        "left out: 2 (empty side)\n"
        "source: 3 tokens, 1.5 a sentence, longest 2; vocabulary 6, 33.33 % unknown\n"
        "target: 3 tokens, 1.5 a sentence, longest 2; vocabulary 6, 0.00 % unknown\n"
        "  a <unk>  =>  A\n");
  CHECK(data::describe_dataset(data::Dataset(), tokenizers, {}).find("0 pairs\n") == 0);
}

TEST_CASE("length limits below two tokens are refused") {
  const auto refusal = [](const std::string& yaml) {
    return message_of<ConfigError>([&] {
      data::LengthLimits limits;
      config::ReadLog log;
      config::read(limits, config::parse_text(yaml, "test.yaml"), {"training", &log});
    });
  };
  CHECK(refusal("max_source_length: 1") == "test.yaml:1: training.max_source_length: must be at least 2: one token and the end symbol");
  CHECK(refusal("max_target_length: 0") == "test.yaml:1: training.max_target_length: must be at least 2: one token and the end symbol");
}

}  // namespace sublayer::test
