#include "data/tokenizer/vocabulary.h"

#include "data/tokenizer/tokenizer.h"
#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::test {
namespace {

using tokenizer::Tokenizer;
using tokenizer::unknown_id;
using Words = std::vector<std::string>;

std::shared_ptr<Tokenizer> trained_on(const std::string& yaml, const std::vector<std::string_view>& sentences) {
  auto tokenizer = choice_of<Tokenizer>(yaml).build();
  tokenizer->train(sentences);
  return tokenizer;
}

Words tokens_of(const Tokenizer& tokenizer) {
  Words tokens;
  for (int64_t id = tokenizer::num_special_ids; id < tokenizer.size(); ++id) tokens.push_back(tokenizer.piece(id));
  return tokens;
}

// What is said of a file that is no vocabulary of words.
std::string words_error(const std::string& bytes) {
  return message_of<DataError>([&] { choice_of<Tokenizer>("whitespace").build()->load(bytes, "file"); });
}

}  // namespace

TEST_CASE("a vocabulary is ordered by falling frequency, then by alphabet") {
  CHECK(tokens_of(*trained_on("whitespace", {"b a c", "d c  b\tc"})) == Words{"c", "b", "a", "d"});
  CHECK(tokens_of(*trained_on("character", {"ba c", "c\xc3\xa4"})) == Words{"c", " ", "a", "b", "\xc3\xa4"});
}

TEST_CASE("rare tokens are unknown below min_count and beyond vocabulary_size, which counts the special ids") {
  const std::vector<std::string_view> text = {"a a a b b c c d"};
  CHECK(tokens_of(*trained_on("{type: whitespace, min_count: 2}", text)) == Words{"a", "b", "c"});
  const auto tokenizer = trained_on("{type: whitespace, vocabulary_size: 6}", text);
  CHECK(tokens_of(*tokenizer) == Words{"a", "b"});
  CHECK(tokenizer->encode("d a") == std::vector<int64_t>{unknown_id, 4});
  CHECK(tokens_of(*trained_on("{type: character, min_count: 2, vocabulary_size: 6}", text)) == Words{" ", "a"});
}

TEST_CASE("whitespace joins words with single spaces and marks unknown ones") {
  const auto tokenizer = trained_on("whitespace", {"a b"});
  CHECK(tokenizer->decode(tokenizer->encode("  a\t\tzzz  b ")) == "a \xe2\x81\x87 b");
}

TEST_CASE("a vocabulary's file is readable text") {
  CHECK(trained_on("whitespace", {"b a b"})->save() == "sublayer-vocabulary 1 whitespace 2\nb\na\n");
  CHECK(trained_on("character", {"b a"})->save() == "sublayer-vocabulary 1 character 3\n \na\nb\n");
  CHECK(choice_of<Tokenizer>("byte").build()->save() == "sublayer-vocabulary 1 byte 0\n");
}

TEST_CASE("what is wrong with a vocabulary's file is said with its line") {
  const std::string header =
      "file:1: no vocabulary of a whitespace tokenizer: expected a first line 'sublayer-vocabulary 1 whitespace COUNT'";
  CHECK(words_error("") == header);
  CHECK(words_error("sublayer-vocabulary 1 whitespace 2") == header);
  CHECK(words_error("sublayer-vocabulary 2 whitespace 2\na\nb\n") == header);
  CHECK(words_error("sublayer-vocabulary 1 character 2\na\nb\n") == header);
  CHECK(words_error("sublayer-vocabulary 1 whitespace 2\na\nb") == "file:3: truncated: the last line does not end");
  CHECK(words_error("sublayer-vocabulary 1 whitespace 3\na\nb\n") ==
        "file:3: truncated or edited: the first line promises 3 tokens, there are 2");
  CHECK(words_error("sublayer-vocabulary 1 whitespace x\na\n") ==
        "file:2: truncated or edited: the first line promises x tokens, there are 1");
  CHECK(words_error("sublayer-vocabulary 1 whitespace 2\na\na\n") == "file:3: 'a' stands there twice");
  CHECK(words_error("sublayer-vocabulary 1 whitespace 2\na\n\n") == "file:3: '' is no token of a whitespace tokenizer");
  CHECK(words_error("sublayer-vocabulary 1 whitespace 1\na b\n") == "file:2: 'a b' is no token of a whitespace tokenizer");
  CHECK(words_error("sublayer-vocabulary 1 whitespace 1\na\xff\n") == "file:2: invalid UTF-8");
  CHECK(message_of<DataError>([] { choice_of<Tokenizer>("character").build()->load("sublayer-vocabulary 1 character 1\nab\n", "file"); }) ==
        "file:2: 'ab' is no token of a character tokenizer");
}

TEST_CASE("byte knows every text, and writes ill-formed bytes as the replacement character") {
  const auto tokenizer = choice_of<Tokenizer>("byte").build();
  CHECK(tokenizer->encode("\xc3\xa4") == std::vector<int64_t>{4 + 0xc3, 4 + 0xa4});
  CHECK(tokenizer->decode(std::vector<int64_t>{4 + 'a', 4 + 0xc3, 4 + 'b'}) ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(tokenizer->piece(4 + 'a') == "a");
  CHECK(tokenizer->piece(4 + 0xc3) == "<0xC3>");
}

TEST_CASE("vocabularies refuse sizes that make no sense and name the key") {
  for (const std::string kind : {"whitespace", "character"}) {
    const std::string all = kind == "whitespace" ? "words" : "characters";
    CHECK(refusal_of<Tokenizer>("{type: " + kind + ", vocabulary_size: 4}") ==
          "test.yaml:1: tokenizer.vocabulary_size: must be above 4, or 0 for all " + all);
    CHECK(refusal_of<Tokenizer>("{type: " + kind + ", min_count: 0}") == "test.yaml:1: tokenizer.min_count: must be positive");
  }
}

}  // namespace sublayer::test
