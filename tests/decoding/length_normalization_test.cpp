#include "src/decoding/length_normalization/length_normalization.h"

#include "tests/support/catch.h"

#include <cmath>

#include "src/core/errors.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"

namespace sublayer::length_normalization {
namespace {

double score(const std::string& yaml, double log_probability, int64_t length) {
  return test::choice_of<LengthNormalization>(yaml).build()->score(log_probability, length);
}

}  // namespace

TEST_CASE("without normalisation a score is the log-probability") {
  CHECK(score("none", -3.5, 1) == -3.5);
  CHECK(score("none", -3.5, 20) == -3.5);
}

TEST_CASE("power normalisation divides by a power of the length") {
  CHECK(score("power", -6, 4) == Approx(-1.5));
  CHECK(score("{type: power, alpha: 0.5}", -6, 4) == Approx(-3));
  CHECK(score("{type: power, alpha: 0}", -6, 4) == Approx(-6));
}

TEST_CASE("gnmt normalisation divides by ((5 + length) / 6)^alpha") {
  CHECK(score("gnmt", -6, 1) == Approx(-6));
  CHECK(score("{type: gnmt, alpha: 1}", -6, 13) == Approx(-2));
  CHECK(score("{type: gnmt, alpha: 0.2}", -6, 13) == Approx(-6 / std::pow(3.0, 0.2)));
}

TEST_CASE("a negative alpha is refused") {
  for (const std::string name : {"power", "gnmt"}) {
    CHECK(test::message_of<ConfigError>([&] {
            test::choice_of<LengthNormalization>("{type: " + name + ", alpha: -0.1}");
          }).find("alpha: must not be negative") != std::string::npos);
  }
}

TEST_CASE("normalised scores fall neither with the log-probability nor with the length") {
  for (const auto& name : Registry<LengthNormalization>::instance().names()) {
    INFO(name);
    const auto normalization = test::choice_of<LengthNormalization>(name).build();
    for (int64_t length = 1; length < 40; ++length) {
      for (double log_probability = 0; log_probability > -30; log_probability -= 0.7) {
        const double score = normalization->score(log_probability, length);
        REQUIRE(normalization->score(log_probability, length + 1) >= score);
        REQUIRE(normalization->score(log_probability - 0.1, length) < score);
      }
    }
  }
}

}  // namespace sublayer::length_normalization
