#include "src/evaluation/statistics/looks.h"

#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::statistics {

TEST_CASE("levels of looks spend a share of what is left and never more than the level") {
  CHECK(look_level(0.05, 0.5, 1) == Approx(0.025));
  CHECK(look_level(0.05, 0.5, 2) == Approx(0.0125));
  for (const double spend : {0.1, 0.5, 0.9}) {
    double spent = 0;
    for (int64_t look = 1; look <= 500; ++look) {
      CHECK(look_level(0.05, spend, look) == Approx(spend * (0.05 - spent)).margin(1e-15));
      spent += look_level(0.05, spend, look);
    }
    CHECK(spent == Approx(0.05));
  }
}

TEST_CASE("a look that spends the whole level is the only one") {
  CHECK(look_level(0.05, 1, 1) == 0.05);
  CHECK(test::message_of<std::invalid_argument>([] { look_level(0.05, 1, 2); }) ==
        "the first look has spent the whole level: look 2 has none");
}

TEST_CASE("levels, shares and looks out of range are refused") {
  using Error = std::invalid_argument;
  CHECK(test::message_of<Error>([] { look_level(0, 0.5, 1); }) == "a level lies between 0 and 1, not 0.000000");
  CHECK(test::message_of<Error>([] { look_level(0.05, 0, 1); }) == "the share a look spends lies between 0 and 1, not 0.000000");
  CHECK(test::message_of<Error>([] { look_level(0.05, 0.5, 0); }) == "looks are counted from 1, not 0");
}

}  // namespace sublayer::statistics
