#include "src/core/config/choice.h"

#include "src/core/errors.h"
#include "tests/core/config/soup.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::config {
namespace {

using test::choice_of;
using test::refusal_of;
using test::Spice;

std::string written(const Choice<Spice>& choice) {
  auto copy = choice;
  return to_yaml(bind(copy)->write(false));
}

struct Merged {
  std::string text;
  std::vector<std::string> dropped;
};

Merged read_merged(const std::vector<std::string>& layers) {
  Node node = parse_text(layers[0], "0.yaml");
  for (size_t i = 1; i < layers.size(); ++i) node = merge(node, parse_text(layers[i], std::to_string(i) + ".yaml"));
  Choice<Spice> choice;
  ReadLog log;
  bind(choice)->read(*node.find("spice"), {"spice", &log});
  return {written(choice), log.dropped};
}

}  // namespace

TEST_CASE("a variant's name alone is short for it with its defaults") {
  CHECK(written(choice_of<Spice>("pepper")) == written(choice_of<Spice>("{type: pepper}")));
  CHECK(written(choice_of<Spice>("pepper")) == "type: pepper\ngrains: 10\nheat: 1.5\n");
  CHECK(written(choice_of<Spice>("{type: pepper, grains: 3}")) == "type: pepper\ngrains: 3\nheat: 1.5\n");
}

TEST_CASE("a variant without options is written by its name") { CHECK(written(choice_of<Spice>("{type: nothing}")) == "nothing\n"); }

TEST_CASE("a choice builds its variant with its options and the kind's arguments") {
  CHECK(choice_of<Spice>("{type: pepper, heat: 0.5}").build(3.0)->heat() == 15);
  CHECK(choice_of<Spice>("{type: mixture, first: {type: pepper, grains: 2}}").build(1.0)->heat() == 1.5);
}

TEST_CASE("options without a type belong to the default variant") {
  Choice<Spice> choice = "pepper";
  const Choice<Spice> before = choice;
  ReadLog log;
  bind(choice)->read(parse_text("grains: 4", "a.yaml"), {"spice", &log});
  CHECK(written(choice) == "type: pepper\ngrains: 4\nheat: 1.5\n");
  CHECK(written(before) == "type: pepper\ngrains: 10\nheat: 1.5\n");
}

TEST_CASE("an unknown variant is refused with the nearest and all known ones") {
  CHECK(refusal_of<Spice>("peper") ==
        "test.yaml:1: spice: unknown spice 'peper'. Did you mean 'pepper'? Known: mixture, nothing, pepper, salt");
  CHECK(refusal_of<Spice>("\n{type: cinnamon}") == "test.yaml:2: spice: unknown spice 'cinnamon'. Known: mixture, nothing, pepper, salt");
}

TEST_CASE("a choice without a name is refused") {
  CHECK(refusal_of<Spice>("{grains: 3}") == "test.yaml:1: spice: 'type' is missing: which spice? Known: mixture, nothing, pepper, salt");
  CHECK(refusal_of<Spice>("[pepper]") == "test.yaml:1: spice: expected the name of a spice, or a map with a 'type'");
  CHECK(refusal_of<Spice>("{type: [pepper]}") == "test.yaml:1: spice.type: expected the name of a spice, got a list");
}

TEST_CASE("a variant's options are checked while they are read") {
  CHECK(refusal_of<Spice>("{type: pepper, grains: -1}") == "test.yaml:1: spice.grains: must not be negative");
  CHECK(refusal_of<Spice>("{type: salt, heat: 1}") == "test.yaml:1: spice: unknown key 'heat'. Known: grains, is_coarse");
  CHECK(refusal_of<Spice>("{type: mixture, first: {type: salt, grain: 1}}") ==
        "test.yaml:1: spice.first: unknown key 'grain'. Did you mean 'grains'? Known: grains, is_coarse");
}

TEST_CASE("when the type changes, keys that both variants have stay and others are dropped and reported") {
  const auto changed = read_merged({"spice: {type: pepper, grains: 3, heat: 2}", "\nspice: salt"});
  CHECK(changed.text == "type: salt\ngrains: 3\nis_coarse: false\n");
  CHECK(changed.dropped == std::vector<std::string>{"0.yaml:1: spice.heat has no meaning for the variant chosen here; dropped"});

  const auto kept = read_merged({"spice: {type: pepper, grains: 3, heat: 2}", "spice: {type: pepper, grains: 4}"});
  CHECK(kept.text == "type: pepper\ngrains: 4\nheat: 2\n");
  CHECK(kept.dropped.empty());

  // The options of a default variant that nobody named.
  CHECK(read_merged({"spice: {heat: 2}", "spice: salt"}).dropped.size() == 1);
}

TEST_CASE("what is dropped for one variant is there again for the next that has it") {
  const auto back = read_merged({"spice: {type: pepper, heat: 2}", "spice: salt", "spice: pepper"});
  CHECK(back.text == "type: pepper\ngrains: 10\nheat: 2\n");
  CHECK(back.dropped.empty());
}

TEST_CASE("a key stated together with the new type must be one of its own") {
  CHECK(test::message_of<ConfigError>([&] {
          read_merged({"spice: {type: pepper, heat: 2}", "\nspice: {type: salt, heat: 3}"});
        }) == "1.yaml:2: spice: unknown key 'heat'. Known: grains, is_coarse");
}

TEST_CASE("the type of a choice within a choice may change alone, or with the outer one") {
  const std::string base = "spice: {type: mixture, first: {type: pepper, grains: 1, heat: 2}}";
  const auto inner = read_merged({base, "spice: {first: salt}"});
  CHECK(inner.text == "type: mixture\ngrains: 20\nfirst:\n  type: salt\n  grains: 1\n  is_coarse: false\n");
  CHECK(inner.dropped == std::vector<std::string>{"0.yaml:1: spice.first.heat has no meaning for the variant chosen here; dropped"});

  const auto outer = read_merged({base, "spice: {type: salt}"});
  CHECK(outer.text == "type: salt\ngrains: 5\nis_coarse: false\n");
  CHECK(outer.dropped == std::vector<std::string>{"0.yaml:1: spice.first has no meaning for the variant chosen here; dropped"});
}

}  // namespace sublayer::config
