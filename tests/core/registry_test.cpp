#include "src/core/registry.h"

#include <algorithm>
#include <set>

#include "src/core/config/fields.h"
#include "src/core/suggest.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer {
namespace {

// Kinds whose variants must be linked in, whatever else is registered: a static library would have dropped files that nobody refers to.
const std::vector<std::string> kinds_of_a_run = {"activation", "attention", "block",  "feed_forward", "format",    "initializer",
                                                 "loss",       "metric",    "model",  "norm",         "optimizer", "position",
                                                 "residual",   "schedule",  "search", "task",         "tokenizer"};

bool is_snake_case(const std::string& name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos && name[0] > '9';
}

// A kind of its own, for registering by hand.
struct Hat {
  static constexpr const char* kind = "hat";
  static constexpr const char* kind_documentation = "what tests of the registry put on";
  using Arguments = std::tuple<int>;
  virtual ~Hat() = default;
  int size = 0;
};

template <int extra>
struct TopHat : Hat {
  struct Options : config::Options {
    int64_t height = extra;
    void fields(config::Fields& v) override { v("height", height, "centimetres"); }
  };
  TopHat(const Options& options, int head) { size = static_cast<int>(options.height) + head; }
};

// A kind of which nothing is registered before its test.
struct Cap : Hat {
  static constexpr const char* kind = "cap";
  static constexpr const char* kind_documentation = "what the test of the watch puts on";
};

struct Bowler : Cap {
  using Options = config::Options;
  Bowler(const Options&, int) {}
};

const Registration<Hat, TopHat<20>> top_hat("top", "a high one");
const Registration<Hat, TopHat<2>> beret("beret", "a low one");

}  // namespace

TEST_CASE("no registry is empty") {
  std::set<std::string> kinds;
  for (const auto* registry : all_registries()) {
    INFO(registry->kind());
    CHECK(!registry->names().empty());
    CHECK(!registry->documentation().empty());
    CHECK(kinds.insert(registry->kind()).second);
  }
  for (const auto& kind : kinds_of_a_run) {
    INFO(kind);
    CHECK(kinds.contains(kind));
  }
}

TEST_CASE("kinds and variants are listed by name, whatever the order of linking") {
  std::vector<std::string> kinds;
  for (const auto* registry : all_registries()) {
    kinds.push_back(registry->kind());
    std::vector<std::string> names;
    for (const auto* entry : registry->all()) names.push_back(entry->name);
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(names == registry->names());
  }
  CHECK(std::is_sorted(kinds.begin(), kinds.end()));
}

TEST_CASE("variants and their options have names of one form and a line of documentation") {
  for (const auto* registry : all_registries()) {
    std::set<std::string> names;
    for (const auto* entry : registry->all()) {
      INFO(registry->kind() << " " << entry->name);
      CHECK(is_snake_case(entry->name));
      CHECK(names.insert(entry->name).second);
      CHECK(!entry->documentation.empty());
      CHECK(entry->documentation.find('\n') == std::string::npos);
      const auto options = entry->make_options();
      std::set<std::string> fields;
      for (const auto& field : config::fields_of(*options).list) {
        INFO(field.name);
        CHECK(is_snake_case(field.name));
        CHECK(field.name != "type");  // the key that names the variant
        CHECK(fields.insert(field.name).second);
        CHECK(!field.documentation.empty());
        CHECK(!field.value->type().empty());
      }
    }
  }
}

TEST_CASE("a name that is not registered is not found") {
  const auto& hats = Registry<Hat>::instance();
  CHECK(hats.names() == std::vector<std::string>{"beret", "top"});
  CHECK(hats.look_up("cap") == nullptr);
  CHECK(test::message_of<std::logic_error>([&] { hats.find("cap"); }) == "no hat is registered as 'cap'");
}

TEST_CASE("a name can be registered once") {
  CHECK(test::message_of<std::logic_error>([] { Registry<Hat>::instance().add<TopHat<1>>("top", "another"); }) ==
        "hat 'top' is registered twice");
  CHECK(Registry<Hat>::instance().names().size() == 2);
}

TEST_CASE("a watch sees what is registered and notes a name that is taken instead of throwing") {
  auto& caps = Registry<Cap>::instance();
  RegistrationWatch watch;
  caps.add<Bowler>("bowler", "a round one");
  caps.add<Bowler>("bowler", "another");
  REQUIRE(watch.added.size() == 1);
  CHECK((watch.added.front() == VariantName{"cap", "bowler"}));
  REQUIRE(watch.taken.size() == 1);
  CHECK((watch.taken.front() == VariantName{"cap", "bowler"}));
  CHECK(caps.names() == std::vector<std::string>{"bowler"});
  CHECK(caps.look_up("bowler")->documentation == "a round one");
}

TEST_CASE("an entry makes options of its own each time and builds from them") {
  const auto& entry = Registry<Hat>::instance().find("top");
  const auto options = entry.make_options();
  CHECK(options != entry.make_options());
  CHECK(entry.build(*options, 5)->size == 25);
  CHECK(Registry<Hat>::instance().find("beret").build(*Registry<Hat>::instance().find("beret").make_options(), 5)->size == 7);
}

TEST_CASE("the nearest known name is suggested, and none where all are far") {
  const std::vector<std::string> known = {"gelu", "relu", "squared_relu"};
  CHECK(suggest("rellu", known) == " Did you mean 'relu'? Known: gelu, relu, squared_relu");
  CHECK(suggest("squared_rellu", known) == " Did you mean 'squared_relu'? Known: gelu, relu, squared_relu");
  CHECK(suggest("softplus", known) == " Known: gelu, relu, squared_relu");
  CHECK(suggest("relu", {}) == " Known: nothing");
}

}  // namespace sublayer
