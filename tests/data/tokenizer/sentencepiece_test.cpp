#include <sentencepiece_trainer.h>

#include <set>

#include "data/tokenizer/tokenizer.h"
#include "src/core/errors.h"
#include "tests/data/tokenizer/sample_text.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::test {
namespace {

using tokenizer::Tokenizer;

std::shared_ptr<Tokenizer> pieces_of(const std::string& options) {
  auto tokenizer = choice_of<Tokenizer>("{type: sentencepiece, " + options + "}").build();
  tokenizer->train(views_of(sample_sentences()));
  return tokenizer;
}

std::string training_error(const std::string& options) {
  return message_of<ConfigError>([&] { pieces_of(options); });
}

// A model of SentencePiece's own making, with its default special ids.
std::string foreign_model() {
  class Iterator final : public ::sentencepiece::SentenceIterator {
   public:
    bool done() const override { return index_ >= sample_sentences().size(); }
    void Next() override { ++index_; }
    const std::string& value() const override { return sample_sentences()[index_]; }
    ::sentencepiece::util::Status status() const override { return {}; }

   private:
    size_t index_ = 0;
  };
  Iterator sentences;
  std::string model;
  const auto status = ::sentencepiece::SentencePieceTrainer::Train({{"vocab_size", "60"}, {"minloglevel", "3"}}, &sentences, &model);
  if (!status.ok()) throw std::runtime_error(status.ToString());
  return model;
}

}  // namespace

TEST_CASE("SentencePiece's vocabulary has the size asked for, with every algorithm") {
  for (const auto& [algorithm, size] :
       std::vector<std::pair<std::string, int>>{{"unigram", 60}, {"bpe", 100}, {"word", 30}, {"char", 30}}) {
    CHECK(pieces_of("algorithm: " + algorithm + ", vocabulary_size: " + std::to_string(size))->size() == size);
  }
}

TEST_CASE("a vocabulary larger than the text can fill is refused with the largest possible size, and that size works") {
  for (const std::string options : {"algorithm: unigram", "algorithm: bpe", "algorithm: word", "algorithm: char",
                                    "algorithm: unigram, byte_fallback: true", "algorithm: char, byte_fallback: true"}) {
    INFO(options);
    const std::string message = training_error(options + ", vocabulary_size: 5000");
    const std::string start = "tokenizer.vocabulary_size: 5000 is more than the training text can fill; the largest possible size is ";
    REQUIRE(message.find(start) == 0);
    const std::string largest = message.substr(start.size());
    CHECK(pieces_of(options + ", vocabulary_size: " + largest)->size() == std::stoi(largest));
  }
}

TEST_CASE("a vocabulary with no room for the text's characters is refused with the smallest possible size, and that size works") {
  for (const std::string options : {"algorithm: unigram", "algorithm: bpe"}) {
    const std::string message = training_error(options + ", vocabulary_size: 10");
    const std::string start = "tokenizer.vocabulary_size: 10 has no room for the characters of the training text: at least ";
    REQUIRE(message.find(start) == 0);
    const std::string smallest = message.substr(start.size(), message.find(',') - start.size());
    CHECK(message == start + smallest + ", or a smaller character_coverage");
    CHECK(pieces_of(options + ", vocabulary_size: " + smallest)->size() == std::stoi(smallest));
  }
}

TEST_CASE("SentencePiece without sentences says so") {
  const auto tokenizer = choice_of<Tokenizer>("sentencepiece").build();
  CHECK(message_of<DataError>([&] { tokenizer->train({}); }).find("SentencePiece cannot learn a vocabulary from the training text: ") == 0);
}

TEST_CASE("with byte_fallback no character is unknown") {
  const std::string text = "\xe2\x82\xac \xf0\x9f\x98\x80";
  const auto with = pieces_of("algorithm: bpe, vocabulary_size: 360, byte_fallback: true");
  CHECK(with->decode(with->encode(text)) == text);
  const auto ids = pieces_of("algorithm: bpe, vocabulary_size: 60")->encode(text);
  CHECK(std::set<int64_t>(ids.begin(), ids.end()).count(tokenizer::unknown_id) == 1);
}

TEST_CASE("normalization is that of the option") {
  const std::string ligature = "\xef\xac\x81";  // U+FB01, fi
  const auto decoded = [&](const std::string& normalization) {
    auto tokenizer =
        choice_of<Tokenizer>(
            "{type: sentencepiece, algorithm: char, vocabulary_size: 8, character_coverage: 1, normalization: " + normalization + "}")
            .build();
    const std::string text = normalization == "identity" ? "F" + ligature + "x" : "F" + ligature;
    tokenizer->train({text});
    return tokenizer->decode(tokenizer->encode("F" + ligature));
  };
  CHECK(decoded("nmt_nfkc") == "Ffi");
  CHECK(decoded("identity") == "F" + ligature);
  auto folded = choice_of<Tokenizer>("{type: sentencepiece, algorithm: char, vocabulary_size: 7, normalization: nmt_nfkc_cf}").build();
  folded->train({"FI"});
  CHECK(folded->decode(folded->encode("FI")) == "fi");
}

TEST_CASE("no sentence is left out for its length") {
  const std::string sentence = std::string(20000, 'a') + " unusual";
  auto tokenizer = choice_of<Tokenizer>("{type: sentencepiece, algorithm: char, vocabulary_size: 10, character_coverage: 1}").build();
  tokenizer->train({sentence});
  CHECK(tokenizer->decode(tokenizer->encode("unusual")) == "unusual");
}

TEST_CASE("a model of SentencePiece with other special ids is refused, and how to train one is said") {
  const auto tokenizer = choice_of<Tokenizer>("{type: sentencepiece, vocabulary_size: 60}").build();
  CHECK(message_of<DataError>([&] { tokenizer->load(foreign_model(), "foreign.model"); }) ==
        "foreign.model: a model with other special ids than pad 0, unknown 1, begin 2, end 3: train it with "
        "--pad_id=0 --unk_id=1 --bos_id=2 --eos_id=3");
}

TEST_CASE("a model of another size than vocabulary_size is refused, since the option would be ignored") {
  const std::string bytes = pieces_of("vocabulary_size: 60")->save();
  const auto tokenizer = choice_of<Tokenizer>("{type: sentencepiece, vocabulary_size: 59}").build();
  CHECK(message_of<ConfigError>([&] { tokenizer->load(bytes, "a.model"); }) ==
        "a.model: a model of 60 pieces, but tokenizer.vocabulary_size is 59; state the model's size");
}

TEST_CASE("what is no model of SentencePiece is refused by name") {
  const auto tokenizer = choice_of<Tokenizer>("sentencepiece").build();
  CHECK(message_of<DataError>([&] { tokenizer->load("junk", "a.model"); }) == "a.model: damaged, or not a SentencePiece model");
}

TEST_CASE("ids that no piece has cannot be decoded") {
  CHECK_THROWS_AS(pieces_of("vocabulary_size: 60")->decode(std::vector<int64_t>{60}), std::out_of_range);
}

TEST_CASE("sentencepiece refuses options that make no sense and names the key") {
  CHECK(refusal_of<Tokenizer>("{type: sentencepiece, vocabulary_size: 4}") ==
        "test.yaml:1: tokenizer.vocabulary_size: must be above 4, the ids that are fixed");
  CHECK(refusal_of<Tokenizer>("{type: sentencepiece, vocabulary_size: 260, byte_fallback: true}") ==
        "test.yaml:1: tokenizer.vocabulary_size: must be above 260, the ids that are fixed");
  CHECK(refusal_of<Tokenizer>("{type: sentencepiece, vocabulary_size: 99999999}") ==
        "test.yaml:1: tokenizer.vocabulary_size: must be at most 16777216");
  CHECK(refusal_of<Tokenizer>("{type: sentencepiece, character_coverage: 0}") ==
        "test.yaml:1: tokenizer.character_coverage: must be at least 0.98 and at most 1");
  CHECK(refusal_of<Tokenizer>("{type: sentencepiece, algorithm: bep}") ==
        "test.yaml:1: tokenizer.algorithm: unknown value 'bep'. Did you mean 'bpe'? Known: unigram, bpe, char, word");
}

}  // namespace sublayer::test
