// The check of options can fail: variants whose options are wrong are told so.
#include "src/conformance/options.h"

#include "src/conformance/subject.h"
#include "src/core/config/fields.h"
#include "tests/support/catch.h"

namespace sublayer::conformance {
namespace {

struct Inner : config::Options {
  double depth = 1, width = 1;
  void fields(config::Fields& v) override {
    v("depth", depth, "").otherwise("2");
    v("width", width, "").otherwise("2", "{depth: 5}");
  }
};

struct DummyOptions : config::Options {
  double works = 1, idles = 1, is_alone = 1, is_silent = 1;
  int64_t workers = 1;
  Inner inner;
  void fields(config::Fields& v) override {
    v("works", works, "").otherwise("2");
    v("idles", idles, "").otherwise("2");
    v("is_alone", is_alone, "").otherwise("2", "{works: 3}");
    v("is_silent", is_silent, "");
    v("workers", workers, "", config::Mark::run_time);
    v("inner", inner, "");
  }
  void check(config::Checker& c) const override { c.require(works < 4, "works", "must be below 4"); }
};

AnyEntry dummy() {
  return {"dummy", "", [] { return std::make_shared<DummyOptions>(); }};
}

DummyOptions read(config::Node node) {
  DummyOptions options;
  config::ReadLog log;
  node.erase("type");
  config::read(options, node, {"dummy", &log});
  return options;
}

// `idles` changes nothing, `is_alone` acts where `works` is 3, the inner width where the inner depth is 5.
Behaviour observe(const config::Node& node) {
  const auto options = read(node);
  Behaviour behaviour;
  behaviour.numbers = {options.works, options.works == 3 ? options.is_alone : 0, options.is_silent, options.inner.depth,
                       options.inner.depth == 5 ? options.inner.width : 0};
  return behaviour;
}

}  // namespace

TEST_CASE("an option that changes nothing is reported, and one that states no other value") {
  Findings findings;
  check_options_act(dummy(), observe, findings);
  CHECK(findings.failures() == std::vector<std::string>{"is_silent: states no other value; add .otherwise(\"...\") beside the field",
                                                        "idles: 2: changes nothing"});
  REQUIRE(findings.exceptions().size() == 1);
  CHECK(findings.exceptions()[0].what == "not looked at: workers");
}

TEST_CASE("an alternative that is refused is reported") {
  struct Refusing : config::Options {
    double works = 1;
    void fields(config::Fields& v) override { v("works", works, "").otherwise("7"); }
  };
  Findings findings;
  check_options_act({"refusing", "", [] { return std::make_shared<Refusing>(); }}, observe, findings);
  CHECK(findings.failures() ==
        std::vector<std::string>{"works: 7: is refused: " + (yaml("{}").origin.source + ":1: dummy.works: must be below 4")});
}

TEST_CASE("a variant that does something else each time cannot pass for one whose options act") {
  double calls = 0;
  const auto restless = [&](const config::Node&) {
    Behaviour behaviour;
    behaviour.numbers = {calls++};
    return behaviour;
  };
  struct Idle : config::Options {};
  Findings findings;
  check_options_act({"idle", "", [] { return std::make_shared<Idle>(); }}, restless, findings);
  CHECK(findings.failures() == std::vector<std::string>{"does something else each time, so nothing can be compared"});
}

TEST_CASE("both sides of a comparison have the options that an option acts together with") {
  const auto survey = survey_options(dummy());
  REQUIRE(survey.comparisons.size() == 5);
  const auto& alone = survey.comparisons[2];
  CHECK(alone.setting == "is_alone: 2, works: 3");
  CHECK(read(alone.usual).works == 3);
  CHECK(read(alone.usual).is_alone == 1);
  CHECK(read(alone.other).works == 3);
  CHECK(read(alone.other).is_alone == 2);
  const auto& width = survey.comparisons[4];
  CHECK(width.setting == "inner.width: 2, depth: 5");
  CHECK(read(width.usual).inner.depth == 5);
  CHECK(read(width.other).inner.width == 2);
}

}  // namespace sublayer::conformance
