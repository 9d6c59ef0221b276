// What every tokenizer must do, for each one that is registered.
#include <map>
#include <set>
#include <thread>

#include "data/tokenizer/tokenizer.h"
#include "data/tokenizer/tokenizer_options.h"
#include "src/core/errors.h"
#include "src/core/utf8.h"
#include "tests/data/tokenizer/sample_text.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::test {
namespace {

using tokenizer::Tokenizer;
using Ids = std::vector<int64_t>;

// The options to test a tokenizer with: its defaults, where they fit so little text.
std::vector<std::string> all_options() {
  std::vector<std::string> all;
  for (const auto& name : Registry<Tokenizer>::instance().names()) {
    if (name != "sentencepiece") all.push_back("{type: " + name + "}");
  }
  for (const std::string options :
       {"algorithm: unigram, vocabulary_size: 60", "algorithm: bpe, vocabulary_size: 120",
        "algorithm: bpe, vocabulary_size: 330, byte_fallback: true", "algorithm: word, vocabulary_size: 37",
        "algorithm: char, vocabulary_size: 37", "algorithm: unigram, vocabulary_size: 60, normalization: identity"}) {
    all.push_back("{type: sentencepiece, character_coverage: 1, " + options + "}");
  }
  return all;
}

std::shared_ptr<Tokenizer> untrained(const std::string& yaml) { return choice_of<Tokenizer>(yaml).build(); }

std::shared_ptr<Tokenizer> trained(const std::string& yaml) {
  auto tokenizer = untrained(yaml);
  tokenizer->train(views_of(sample_sentences()));
  return tokenizer;
}

std::vector<Ids> encode_all(const Tokenizer& tokenizer) {
  std::vector<Ids> all;
  for (const auto& sentence : sample_sentences()) all.push_back(tokenizer.encode(sentence));
  return all;
}

}  // namespace

TEST_CASE("every tokenizer reads back what it wrote of known text") {
  for (const auto& yaml : all_options()) {
    DYNAMIC_SECTION(yaml) {
      const auto tokenizer = trained(yaml);
      for (const auto& sentence : sample_sentences()) REQUIRE(tokenizer->decode(tokenizer->encode(sentence)) == sentence);
    }
  }
}

TEST_CASE("every tokenizer's ids are within its size, and text never becomes pad, begin or end") {
  for (const auto& yaml : all_options()) {
    DYNAMIC_SECTION(yaml) {
      const auto tokenizer = trained(yaml);
      for (const std::string text :
           {sample_sentences()[0].c_str(), "<pad> <unk> <s> </s>", "never seen \xe2\x82\xac \xf0\x9f\x98\x80", "\xff\xfe", "\n\t", ""}) {
        for (const int64_t id : tokenizer->encode(text)) {
          REQUIRE(id < tokenizer->size());
          REQUIRE((id == tokenizer::unknown_id || id >= tokenizer::num_special_ids));
        }
      }
      CHECK(tokenizer->encode("").empty());
    }
  }
}

TEST_CASE("every tokenizer leaves special ids out of its text, and writes the unknown one as a mark") {
  for (const auto& yaml : all_options()) {
    DYNAMIC_SECTION(yaml) {
      const auto tokenizer = trained(yaml);
      const Ids ids = tokenizer->encode(sample_sentences()[0]);
      Ids with_special = {tokenizer::begin_id};
      with_special.insert(with_special.end(), ids.begin(), ids.end());
      with_special.insert(with_special.end(), {tokenizer::end_id, tokenizer::pad_id, tokenizer::pad_id});
      CHECK(tokenizer->decode(with_special) == tokenizer->decode(ids));
      CHECK(tokenizer->decode(Ids{}).empty());
      CHECK(tokenizer->decode(Ids{tokenizer::unknown_id}).find("\xe2\x81\x87") != std::string::npos);
    }
  }
}

TEST_CASE("every tokenizer writes valid UTF-8 from any ids, and a piece for each id") {
  for (const auto& yaml : all_options()) {
    DYNAMIC_SECTION(yaml) {
      const auto tokenizer = trained(yaml);
      Ids all;
      std::set<std::string> pieces;
      for (int64_t id = tokenizer->size() - 1; id >= 0; --id) {
        all.push_back(id);
        const std::string piece = tokenizer->piece(id);
        REQUIRE(!piece.empty());
        REQUIRE(!first_invalid_utf8(piece));
        pieces.insert(piece);
      }
      CHECK(static_cast<int64_t>(pieces.size()) == tokenizer->size());
      CHECK(!first_invalid_utf8(tokenizer->decode(all)));
      CHECK(tokenizer->piece(tokenizer::pad_id) == "<pad>");
      CHECK(tokenizer->piece(tokenizer::unknown_id) == "<unk>");
      CHECK(tokenizer->piece(tokenizer::begin_id) == "<s>");
      CHECK(tokenizer->piece(tokenizer::end_id) == "</s>");
    }
  }
}

TEST_CASE("every tokenizer is the same after saving and loading, and two trainings write the same bytes") {
  for (const auto& yaml : all_options()) {
    DYNAMIC_SECTION(yaml) {
      const auto tokenizer = trained(yaml);
      CHECK(trained(yaml)->save() == tokenizer->save());
      const auto loaded = untrained(yaml);
      loaded->load(tokenizer->save(), "a file");
      CHECK(loaded->save() == tokenizer->save());
      CHECK(loaded->size() == tokenizer->size());
      CHECK(encode_all(*loaded) == encode_all(*tokenizer));
    }
  }
}

TEST_CASE("every tokenizer refuses files that are no models of its kind, and every truncated one") {
  for (const auto& yaml : all_options()) {
    DYNAMIC_SECTION(yaml) {
      const std::string bytes = trained(yaml)->save();
      std::vector<std::string> bad = {
          "", "\n", "sublayer-vocabulary 1 other 0\n", "sublayer-vocabulary", std::string(1000, '\0'), std::string(1000, 'x')};
      for (size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 150) bad.push_back(bytes.substr(0, length));
      for (const auto& text : bad) {
        try {
          untrained(yaml)->load(text, "some_file");
          FAIL("loaded " << text.size() << " bytes that are no model");
        } catch (const UserError& error) {
          REQUIRE(std::string(error.what()).find("some_file:") == 0);
        }
      }
    }
  }
}

TEST_CASE("every tokenizer encodes on several threads at once as on one") {
  for (const auto& yaml : all_options()) {
    DYNAMIC_SECTION(yaml) {
      const auto tokenizer = trained(yaml);
      const auto expected = encode_all(*tokenizer);
      std::vector<std::vector<Ids>> found(4);
      std::vector<std::thread> threads;
      for (auto& result : found) threads.emplace_back([&result, &tokenizer] { result = encode_all(*tokenizer); });
      for (auto& thread : threads) thread.join();
      for (const auto& result : found) CHECK(result == expected);
    }
  }
}

TEST_CASE("every tokenizer can be joint or separate and load existing models") {
  for (const AnyEntry* entry : Registry<Tokenizer>::instance().all()) {
    DYNAMIC_SECTION(entry->name) { CHECK(dynamic_cast<const tokenizer::TokenizerOptions*>(entry->make_options().get()) != nullptr); }
  }
}

}  // namespace sublayer::test
