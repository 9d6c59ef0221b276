#include "data/tokenizer/tokenizers.h"

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
namespace {

using tokenizer::Tokenizer;
using tokenizer::Tokenizers;
using tokenizer::train_tokenizers;

const task::Corpus english_german{{{"a cat", "eine Katze"}, {"a dog", "ein Hund"}}, {}};
const task::Corpus other_pairs{{{"x", "y"}}, {}};

Tokenizers words_of(const std::string& options, const task::Corpus& corpus = english_german) {
  return train_tokenizers(choice_of<Tokenizer>("{type: whitespace" + options + "}"), corpus);
}

}  // namespace

TEST_CASE("a joint tokenizer is one object that knows both sides, separate ones know their side only") {
  const Tokenizers joint = words_of(", joint: true"), separate = words_of(", joint: false");
  CHECK(joint.source == joint.target);
  CHECK(joint.source->decode(joint.source->encode("a Katze")) == "a Katze");
  CHECK(separate.source != separate.target);
  CHECK(separate.source->encode("Katze") == std::vector<int64_t>{tokenizer::unknown_id});
  CHECK(separate.target->encode("cat") == std::vector<int64_t>{tokenizer::unknown_id});
  CHECK(joint.source->size() == 3 + 4 + tokenizer::num_special_ids);
}

TEST_CASE("tokenizers come back from a run's directory as they were saved") {
  for (const std::string options : {", joint: true", ", joint: false"}) {
    TemporaryDirectory run;
    const auto choice = choice_of<Tokenizer>("{type: whitespace" + options + "}");
    const Tokenizers saved = words_of(options);
    save_tokenizers(saved, run.path());
    const Tokenizers loaded = load_tokenizers(choice, run.path(), hash_of(saved));
    CHECK(loaded.joint == saved.joint);
    CHECK((loaded.source == loaded.target) == saved.joint);
    CHECK(loaded.source->save() == saved.source->save());
    CHECK(loaded.target->save() == saved.target->save());
  }
}

TEST_CASE("a run's directory has one tokenizer file where it is joint, else one for each side") {
  TemporaryDirectory joint, separate;
  save_tokenizers(words_of(", joint: true"), joint.path());
  CHECK(std::filesystem::exists(joint / "tokenizer.model"));
  save_tokenizers(words_of(", joint: false"), separate.path());
  CHECK(std::filesystem::exists(separate / "source_tokenizer.model"));
  CHECK(std::filesystem::exists(separate / "target_tokenizer.model"));
}

TEST_CASE("another tokenizer than the one a model was trained with is refused with both hashes") {
  TemporaryDirectory run;
  const std::string expected = hash_of(words_of(", joint: true")), found = hash_of(words_of(", joint: true", other_pairs));
  save_tokenizers(words_of(", joint: true", other_pairs), run.path());
  CHECK(message_of<DataError>([&] { load_tokenizers(choice_of<Tokenizer>("whitespace"), run.path(), expected); }) ==
        (run / "tokenizer.model").string() + ": the wrong tokenizer: its content hash is " + found + ", but the model was trained with " +
            expected + "; restore the run's own");

  const auto separate = choice_of<Tokenizer>("{type: whitespace, joint: false}");
  save_tokenizers(words_of(", joint: false", other_pairs), run.path());
  CHECK(message_of<DataError>([&] {
          load_tokenizers(separate, run.path(), expected);
        }).find((run / "source_tokenizer.model").string() + ", " + (run / "target_tokenizer.model").string() + ": the wrong tokenizer: ") ==
        0);
}

TEST_CASE("the hash of separate tokenizers depends on which side has which") {
  const Tokenizers a = words_of(", joint: false");
  CHECK(hash_of(a) != hash_of(Tokenizers{a.target, a.source, false}));
  CHECK(hash_of(a) == hash_of(words_of(", joint: false")));
}

TEST_CASE("existing model files are loaded instead of training") {
  TemporaryDirectory files;
  save_tokenizers(words_of(", joint: true"), files.path());
  save_tokenizers(words_of(", joint: false"), files.path());
  const Tokenizers joint = words_of(", model: " + (files / "tokenizer.model").string(), other_pairs);
  CHECK(hash_of(joint) == hash_of(words_of(", joint: true")));
  CHECK(joint.joint);
  const Tokenizers separate = words_of(", joint: false, source_model: " + (files / "source_tokenizer.model").string() +
                                           ", target_model: " + (files / "target_tokenizer.model").string(),
                                       other_pairs);
  CHECK(hash_of(separate) == hash_of(words_of(", joint: false")));
  CHECK(!separate.joint);
}

TEST_CASE("a missing model file is reported by name") {
  TemporaryDirectory files;
  const std::string missing = (files / "none.model").string();
  CHECK(message_of<DataError>([&] { words_of(", model: " + missing); }).find(missing + ": cannot read: ") == 0);
}

TEST_CASE("model files of a joint and of separate tokenizers exclude each other") {
  CHECK(refusal_of<Tokenizer>("{type: whitespace, joint: false, model: a}") ==
        "test.yaml:1: tokenizer.model: holds one vocabulary for both sides; with joint: false give source_model and target_model");
  CHECK(refusal_of<Tokenizer>("{type: whitespace, source_model: a, target_model: b}") ==
        "test.yaml:1: tokenizer.source_model: needs joint: false\ntest.yaml:1: tokenizer.target_model: needs joint: false");
  CHECK(refusal_of<Tokenizer>("{type: whitespace, target_model: b}") == "test.yaml:1: tokenizer.target_model: needs joint: false");
  CHECK(refusal_of<Tokenizer>("{type: whitespace, joint: false, source_model: a}") ==
        "test.yaml:1: tokenizer.source_model: needs a model of the other side too");
  CHECK(refusal_of<Tokenizer>("{type: whitespace, joint: false, target_model: a}") ==
        "test.yaml:1: tokenizer.target_model: needs a model of the other side too");
}

TEST_CASE("where a model file lies is no part of a run's identity, joint is") {
  const auto identity = [](const std::string& yaml) { return config::to_yaml(config::write(choice_of<Tokenizer>(yaml).options(), true)); };
  CHECK(identity("{type: whitespace, model: a}") == identity("{type: whitespace, model: b}"));
  CHECK(identity("{type: whitespace}") != identity("{type: whitespace, joint: false}"));
}

}  // namespace sublayer::test
