#include "src/conformance/conformance.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::conformance {
namespace {

using test::message_of;

// Other tests of this program register kinds of their own.
std::vector<Filter> kinds_of_the_program() {
  const std::set<std::string> of_tests = {"hat", "spice"};
  std::vector<Filter> filters;
  for (const auto* registry : all_registries()) {
    if (!of_tests.contains(registry->kind())) filters.push_back({registry->kind(), ""});
  }
  return filters;
}

// `make test` ends with it.
void keep(const Report& report) {
  const char* directory = std::getenv("SUBLAYER_BUILD_DIR");
  if (!directory) return;
  std::ofstream(std::string(directory) + "/conformance.txt") << report.failure_text() << report.summary();
}

}  // namespace

TEST_CASE("every property holds for every registered variant, each option's other values included") {
  const auto report = run(kinds_of_the_program(), [](size_t, size_t, const std::string&) {});
  keep(report);
  for (const auto& outcome : report.outcomes) {
    std::string failures;
    for (const auto& failure : outcome.findings.failures()) failures += failure + "\n";
    INFO(outcome.subject << ": " << outcome.property);
    CHECK(failures == "");
  }
  CHECK(report.outcomes.size() > 2000);
  CHECK(report.failures() == 0);
}

TEST_CASE("a filter is a kind or one of its variants") {
  size_t most = 0;
  const auto report =
      run({parse_filter("norm/rms_norm"), parse_filter("schedule")}, [&](size_t, size_t count, const std::string&) { most = count; });
  CHECK(report.outcomes.size() == most);
  for (const auto& outcome : report.outcomes) {
    CHECK((outcome.subject.starts_with("norm rms_norm") || outcome.subject.starts_with("schedule ")));
  }
  CHECK(report.to_json().at("pairs").size() == most);
  CHECK_THAT(message_of<UserError>([] { parse_filter("nrom"); }),
             Catch::Contains("conformance: unknown kind 'nrom'. Did you mean 'norm'? Known: activation"));
  CHECK_THAT(message_of<UserError>([] { parse_filter("norm/rmsnorm"); }),
             Catch::Contains("conformance: unknown norm 'rmsnorm'. Did you mean 'rms_norm'? Known:"));
}

TEST_CASE("a report tells of failures, and of declared exceptions once with their reasons") {
  Report report;
  report.outcomes.resize(3);
  report.outcomes[0] = {"norm a", "is fine", {}};
  report.outcomes[1] = {"norm b", "is fine", {}};
  report.outcomes[2] = {"norm c", "is fine", {}};
  report.outcomes[0].findings.require(false, "look here");
  report.outcomes[0].findings.require(true, "not here");
  for (size_t i : {1, 2}) report.outcomes[i].findings.except("is odd", "it has to be");
  CHECK(report.failure_text() == "norm a: not so that it is fine: look here\n");
  CHECK(report.summary() == "3 (variant, property) pairs, 1 failures\ndeclared exceptions:\n  is odd: it has to be (norm b and 1 more)\n");
}

}  // namespace sublayer::conformance
