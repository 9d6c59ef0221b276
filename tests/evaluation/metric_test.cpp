#include "src/evaluation/metric/metric.h"

#include "tests/support/catch.h"

#include <cmath>

#include "src/core/errors.h"
#include "src/core/version.h"
#include "src/evaluation/bleu.h"
#include "src/evaluation/chrf.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"

namespace sublayer::metric {
namespace {

using test::choice_of;
using test::message_of;
using test::refusal_of;

double score(const std::string& yaml, const Evidence& evidence) { return choice_of<Metric>(yaml).build()->score(evidence); }

Evidence of_texts(std::vector<std::string> hypotheses, std::vector<std::string> references) {
  Evidence evidence;
  evidence.hypotheses = std::move(hypotheses);
  evidence.references = std::move(references);
  return evidence;
}

}  // namespace

TEST_CASE("every metric is named as its variant and describes itself") {
  for (const auto& name : Registry<Metric>::instance().names()) {
    INFO(name);
    const auto metric = choice_of<Metric>(name).build();
    CHECK(metric->name() == name);
    CHECK(metric->signature().find(std::string("version:sublayer-") + version()) != std::string::npos);
  }
}

TEST_CASE("every metric finds a perfect model better than a bad one") {
  Evidence perfect = of_texts({"a b c d e", "f g h i"}, {"a b c d e", "f g h i"}),
           bad = of_texts({"a b c x e", "f g h"}, {"a b c d e", "f g h i"});
  perfect.tokens = perfect.correct_tokens = bad.tokens = 11;
  bad.correct_tokens = 7;
  bad.negative_log_likelihood = 9;
  for (const auto& name : Registry<Metric>::instance().names()) {
    INFO(name);
    const auto metric = choice_of<Metric>(name).build();
    const double difference = metric->score(perfect) - metric->score(bad);
    CHECK((metric->higher_is_better() ? difference > 0 : difference < 0));
  }
}

TEST_CASE("every metric refuses to score nothing") {
  for (const auto& name : Registry<Metric>::instance().names()) {
    INFO(name);
    CHECK_THROWS_AS(score(name, {}), DataError);
  }
}

TEST_CASE("metrics without hypotheses need none, those of text need nothing else") {
  const Evidence tokens{.negative_log_likelihood = 3, .tokens = 6, .correct_tokens = 2, .hypotheses = {}, .references = {}};
  const Evidence texts = of_texts({"a b c d"}, {"a b c d"});
  for (const auto& name : Registry<Metric>::instance().names()) {
    INFO(name);
    CHECK_NOTHROW(score(name, choice_of<Metric>(name).build()->needs_hypotheses() ? texts : tokens));
  }
}

TEST_CASE("a metric made of counts scores their sum, and any sum is finite") {
  const Evidence evidence = of_texts({"a b c d e", "", "x (y)", "f g h"}, {"a b c d e", "", "x y z", "f g h i"});
  for (const auto& name : Registry<Metric>::instance().names()) {
    INFO(name);
    const auto metric = choice_of<Metric>(name).build();
    CHECK(metric->is_made_of_counts() == !metric->count("a", "a").empty());
    if (!metric->is_made_of_counts()) continue;
    std::vector<double> sums(metric->count("", "").size());
    for (size_t i = 0; i < evidence.hypotheses.size(); ++i) {
      const auto counts = metric->count(evidence.hypotheses[i], evidence.references[i]);
      REQUIRE(counts.size() == sums.size());
      for (size_t k = 0; k < sums.size(); ++k) sums[k] += counts[k];
      CHECK(std::isfinite(metric->score_counts(counts)));
    }
    CHECK(metric->score_counts(sums) == metric->score(evidence));
    CHECK(std::isfinite(metric->score_counts(metric->count("a", ""))));
    CHECK(std::isfinite(metric->score_counts(metric->count("", "a"))));
  }
}

TEST_CASE("every metric made of counts refuses sides of different lengths") {
  for (const auto& name : Registry<Metric>::instance().names()) {
    if (!choice_of<Metric>(name).build()->is_made_of_counts()) continue;
    CHECK(message_of<DataError>([&] { score(name, of_texts({"a"}, {"a", "b"})); }) == name + ": got 1 hypotheses and 2 references");
  }
}

TEST_CASE("loss, perplexity and token accuracy are per target token") {
  const Evidence evidence{.negative_log_likelihood = 8 * std::log(5), .tokens = 8, .correct_tokens = 6, .hypotheses = {}, .references = {}};
  CHECK(score("loss", evidence) == Approx(std::log(5)));
  CHECK(score("perplexity", evidence) == Approx(5));
  CHECK(score("token_accuracy", evidence) == Approx(0.75));
}

TEST_CASE("exact match is the share of equal lines") {
  CHECK(score("exact_match", of_texts({"a b", "", "A b", "x"}, {"a b", "", "a b", "y"})) == 0.5);
}

TEST_CASE("bleu as a metric is BLEU with the same options") {
  const Evidence evidence =
      of_texts({"The cat sat on the mat.", "a Dog barks, loudly, at night"}, {"the cat sat on the mat.", "a dog barks loudly at night"});
  const evaluation::Bleu plain({}), lower({.tokenize = "char", .lowercase = true});
  CHECK(score("bleu", evidence) == plain.corpus(evidence.hypotheses, evidence.references).score);
  CHECK(score("{type: bleu, tokenize: char, lowercase: true}", evidence) == lower.corpus(evidence.hypotheses, evidence.references).score);
  CHECK(choice_of<Metric>("{type: bleu, tokenize: zh}").build()->signature().find("tok:zh") != std::string::npos);
}

TEST_CASE("an unknown tokenizer of bleu is refused while the config is read") {
  const auto message = message_of<ConfigError>([] { choice_of<Metric>("{type: bleu, tokenize: 13b}"); });
  CHECK(message.find("metric.tokenize") != std::string::npos);
  CHECK(message.find("13a") != std::string::npos);
}

TEST_CASE("metrics name the segment whose text is broken") {
  for (const std::string name : {"bleu", "chrf", "edit_distance"}) {
    CHECK(message_of<DataError>([&] {
            score(name, of_texts({"fine", "\xff"}, {"fine", "fine"}));
          }) == name + ": segment 1: hypothesis: invalid UTF-8 at byte 0");
  }
}

TEST_CASE("chrf as a metric is chrF with the same options over the counts of a corpus") {
  const Evidence evidence = of_texts({"The cat sat."}, {"the cats sat ."});
  const evaluation::Chrf plain({}), other({.char_order = 4, .word_order = 2, .beta = 1, .lowercase = true, .whitespace = true});
  const auto expected = [&](const auto& chrf) { return chrf.score(chrf.count(evidence.hypotheses[0], evidence.references[0])); };
  CHECK(score("chrf", evidence) == expected(plain));
  const std::string options = "{type: chrf, char_order: 4, word_order: 2, beta: 1, lowercase: true, whitespace: true}";
  CHECK(score(options, evidence) == expected(other));
  CHECK(choice_of<Metric>(options).build()->signature() == other.signature());
}

TEST_CASE("options of chrf that leave nothing to count are refused while the config is read") {
  CHECK(refusal_of<Metric>("{type: chrf, char_order: 0}").find("metric.char_order") != std::string::npos);
  CHECK(refusal_of<Metric>("{type: chrf, beta: -1}").find("metric.beta: must not be negative") != std::string::npos);
  CHECK_NOTHROW(choice_of<Metric>("{type: chrf, char_order: 0, word_order: 1}"));
}

TEST_CASE("the edit distance is over the whole corpus, in words or characters") {
  const Evidence evidence = of_texts({"a b", "the cat sat", ""}, {"a b", "a cat sat down", ""});
  CHECK(score("edit_distance", evidence) == Approx(100 * 2. / 6));
  CHECK(score("{type: edit_distance, unit: character}", evidence) == Approx(100 * (3 + 5) / 17.));
  CHECK(score("edit_distance", of_texts({"a b c"}, {"a"})) == 200);
  const std::string of_words = choice_of<Metric>("edit_distance").build()->signature();
  CHECK(of_words.rfind("unit:percent_of_reference_words|", 0) == 0);
  CHECK(choice_of<Metric>("{type: edit_distance, unit: character}").build()->signature() != of_words);
  CHECK(refusal_of<Metric>("{type: edit_distance, unit: byte}").find("metric.unit") != std::string::npos);
}

TEST_CASE("a corpus whose references are all empty has no error rate") {
  CHECK(message_of<DataError>([] {
          score("edit_distance", of_texts({"a", ""}, {"", " "}));
        }) == "edit_distance: the references have no word to compare with");
  CHECK(score("{type: edit_distance, unit: character}", of_texts({"a", ""}, {"", " "})) == 200);
}

}  // namespace sublayer::metric
