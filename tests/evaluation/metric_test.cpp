#include "src/evaluation/metric/metric.h"

#include "tests/support/catch.h"

#include <cmath>

#include "src/core/errors.h"
#include "src/core/version.h"
#include "src/evaluation/bleu.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"

namespace sublayer::metric {
namespace {

using test::choice_of;
using test::message_of;

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

TEST_CASE("loss, perplexity and token accuracy are per target token") {
  const Evidence evidence{.negative_log_likelihood = 8 * std::log(5), .tokens = 8, .correct_tokens = 6, .hypotheses = {}, .references = {}};
  CHECK(score("loss", evidence) == Approx(std::log(5)));
  CHECK(score("perplexity", evidence) == Approx(5));
  CHECK(score("token_accuracy", evidence) == Approx(0.75));
}

TEST_CASE("exact match is the share of equal lines") {
  CHECK(score("exact_match", of_texts({"a b", "", "A b", "x"}, {"a b", "", "a b", "y"})) == 0.5);
  CHECK(message_of<DataError>([] {
          score("exact_match", of_texts({"a"}, {"a", "b"}));
        }) == "exact_match: got 1 hypotheses and 2 references");
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

TEST_CASE("bleu names the segment whose text is broken") {
  CHECK(message_of<DataError>([] {
          score("bleu", of_texts({"fine", "\xff"}, {"fine", "fine"}));
        }).rfind("bleu: segment 1: hypothesis: ", 0) == 0);
}

}  // namespace sublayer::metric
