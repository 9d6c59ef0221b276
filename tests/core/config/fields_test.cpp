#include "src/core/config/fields.h"

#include "src/core/errors.h"
#include "tests/core/config/soup.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::config {
namespace {

using test::message_of;
using test::Soup;

Soup read_soup(const std::string& yaml, const std::string& source = "soup.yaml") {
  Soup soup;
  ReadLog log;
  read(soup, parse_text(yaml, source), {"", &log});
  return soup;
}

std::string refused_soup(const std::string& yaml) {
  return message_of<ConfigError>([&] { read_soup(yaml); });
}

std::string yaml_of(const Soup& soup, bool identity_only = false) { return to_yaml(write(soup, identity_only)); }

}  // namespace

TEST_CASE("what is not stated keeps its default") {
  Soup untouched;
  const Soup soup = read_soup("{}");
  untouched.left = soup.left;  // layers exist once they are read
  untouched.right = soup.right;
  CHECK(yaml_of(soup) == yaml_of(untouched));
  CHECK(soup.left.ladles.size() == 2);
}

TEST_CASE("each sort of field reads what is stated") {
  CHECK(read_soup("litres: 3").litres == 3);
  CHECK(read_soup("seed: 18446744073709551615").seed == 18446744073709551615u);
  CHECK(read_soup("minutes: 1e-3").minutes == 0.001);
  CHECK(read_soup("minutes: -7").minutes == -7);
  CHECK(!read_soup("is_hot: false").is_hot);
  CHECK(read_soup("name: 12").name == "12");
  CHECK(read_soup("name: ''").name.empty());
  CHECK(read_soup("size: large").size == "large");
  CHECK(*read_soup("price: 2.5").price == 2.5);
  CHECK(!read_soup("price: ~").price);
  CHECK(read_soup("vegetables: [carrot, pea]").vegetables == std::vector<std::string>{"carrot", "pea"});
  CHECK(read_soup("vegetables: []").vegetables.empty());
  CHECK(*read_soup("cooks: 3").cooks.value == 3);
  CHECK(!read_soup("cooks: auto").cooks.value);
}

TEST_CASE("a value of the wrong sort is refused with file, line, key and what was given") {
  CHECK(refused_soup("name: x\nlitres: two") == "soup.yaml:2: litres: expected a whole number, got 'two'");
  CHECK(refused_soup("litres: 2.5") == "soup.yaml:1: litres: expected a whole number, got '2.5'");
  CHECK(refused_soup("litres: 1e3") == "soup.yaml:1: litres: expected a whole number, got '1e3'");
  CHECK(refused_soup("litres: 9223372036854775808") == "soup.yaml:1: litres: expected a whole number, got '9223372036854775808'");
  CHECK(refused_soup("litres: ''") == "soup.yaml:1: litres: expected a whole number, got ''");
  CHECK(refused_soup("litres:") == "soup.yaml:1: litres: expected a whole number, got nothing");
  CHECK(refused_soup("litres: [2]") == "soup.yaml:1: litres: expected a whole number, got a list");
  CHECK(refused_soup("litres: {a: 2}") == "soup.yaml:1: litres: expected a whole number, got a map");
  CHECK(refused_soup("seed: -1") == "soup.yaml:1: seed: expected a whole number of at least 0, got '-1'");
  CHECK(refused_soup("minutes: 3m") == "soup.yaml:1: minutes: expected a number, got '3m'");
  CHECK(refused_soup("minutes: nan") == "soup.yaml:1: minutes: expected a finite number, got 'nan'");
  CHECK(refused_soup("minutes: inf") == "soup.yaml:1: minutes: expected a finite number, got 'inf'");
  CHECK(refused_soup("minutes: .inf") == "soup.yaml:1: minutes: expected a number, got '.inf'");
  CHECK(refused_soup("is_hot: yes") == "soup.yaml:1: is_hot: expected true or false, got 'yes'");
  CHECK(refused_soup("name: [a]") == "soup.yaml:1: name: expected text, got a list");
  CHECK(refused_soup("recipe: {}") == "soup.yaml:1: recipe: expected a path, got a map");
  CHECK(refused_soup("cooks: many") == "soup.yaml:1: cooks: expected a whole number or auto, got 'many'");
  CHECK(refused_soup("cooks: 0") == "soup.yaml:1: cooks: must be at least 1, or auto");
  CHECK(refused_soup("price: free") == "soup.yaml:1: price: expected a number, got 'free'");
  CHECK(refused_soup("vegetables: leek") == "soup.yaml:1: vegetables: expected a list, e.g. [a, b]");
  CHECK(refused_soup("vegetables:\n- leek\n- {a: b}") == "soup.yaml:3: vegetables.1: expected text, got a map");
  CHECK(refused_soup("left: 3") == "soup.yaml:1: left: expected a map of keys to values");
  CHECK(refused_soup("[1, 2]") == "soup.yaml:1: expected a map of keys to values");
}

TEST_CASE("an unknown word is refused with the nearest and all known ones") {
  CHECK(refused_soup("size: smal") == "soup.yaml:1: size: unknown value 'smal'. Did you mean 'small'? Known: small, large");
  CHECK(refused_soup("size: gigantic") == "soup.yaml:1: size: unknown value 'gigantic'. Known: small, large");
}

TEST_CASE("an unknown key is refused at every depth with the nearest and all known ones") {
  CHECK(refused_soup("name: x\nlitre: 3\n") ==
        "soup.yaml:2: unknown key 'litre'. Did you mean 'litres'? Known: litres, seed, minutes, is_hot, name, size, recipe, cooks, price, "
        "vegetables, garnish, spice, left, right, ladle");
  CHECK(refused_soup("left:\n  cuont: 3\n") == "soup.yaml:2: left: unknown key 'cuont'. Did you mean 'count'? Known: count, ladles, ladle");
  CHECK(refused_soup("left: {wood: oak}") == "soup.yaml:1: left: unknown key 'wood'. Known: count, ladles, ladle");
}

TEST_CASE("a check's complaint names the line of the value, or of the nearest map around it that was stated") {
  CHECK(refused_soup("name: x\nlitres: 0\n") == "soup.yaml:2: litres: must be positive");
  // A rule between two fields, one of them a default.
  CHECK(refused_soup("litres: 12\nminutes: 59\n") == "soup.yaml:2: minutes: must be at least 60 for 10 litres and more");
  CHECK(refused_soup("# long\n\nlitres: 12\n") == "soup.yaml:3: minutes: must be at least 60 for 10 litres and more");
  CHECK(refused_soup("litres: 1\nleft:\n  ladle:\n    depth: 11\n") == "soup.yaml:4: left.ladles.0.depth: is deeper than the pot");
}

TEST_CASE("everything that checks refuse is told at once, but a struct's own check waits for those below it") {
  CHECK(refused_soup("litres: 12\nleft: {ladle: {depth: 121}}") ==
        "soup.yaml:1: minutes: must be at least 60 for 10 litres and more\n"
        "soup.yaml:2: left.ladles.0.depth: is deeper than the pot");
  CHECK(refused_soup("litres: 0\nleft: {ladle: {depth: 0}}\nright: {ladle: {depth: 0}}") ==
        "soup.yaml:2: left.ladles.0.depth: must be positive\nsoup.yaml:3: right.ladles.0.depth: must be positive");
}

TEST_CASE("a default that breaks a rule is complained about without a place") {
  Soup soup;
  soup.litres = 0;
  ReadLog log;
  CHECK(message_of<ConfigError>([&] { read(soup, Node::map(), {"", &log}); }) == "litres: must be positive");
}

TEST_CASE("a relative path is relative to the file that states it, on the command line to the working directory") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "base");
  test::write_bytes(directory / "base/base.yaml", "recipe: ../recipes/./a.txt\n");
  const auto top = test::write_bytes(directory / "top.yaml", "base: base/base.yaml\n");
  const auto recipe = [&](const std::vector<std::string>& overrides) {
    Soup soup;
    ReadLog log;
    read(soup, load(top, overrides), {"", &log});
    return soup.recipe.value;
  };
  CHECK(recipe({}) == directory / "recipes/a.txt");
  CHECK(recipe({"recipe=x/b.txt"}) == std::filesystem::current_path() / "x/b.txt");
  CHECK(recipe({"recipe=/x/b.txt"}) == "/x/b.txt");
  CHECK(recipe({"recipe="}).empty());
  CHECK(read_soup("recipe: a.txt", "some.yaml").recipe.value.is_absolute());
}

TEST_CASE("everything that is read can be written and read again") {
  const Soup soup = read_soup(R"(
litres: 20
seed: 18446744073709551615
minutes: 100.1
is_hot: false
name: "~"
size: large
recipe: a.txt
cooks: 2
price: 1e-300
vegetables: ["", "a: b", "null"]
garnish: [pepper, {type: salt, grains: 0}, nothing]
spice: {type: mixture, first: {type: mixture, first: salt}}
ladle: {depth: 2}
left: {count: 3, ladles: {"1-2": {spice: nothing}}}
right: {ladles: {"0": {depth: 9}, "1": {depth: 9}}}
)");
  const std::string text = yaml_of(soup);
  INFO(text);
  CHECK(yaml_of(read_soup(text)) == text);
  CHECK(read_soup(text).minutes == 100.1);
  CHECK(*read_soup(text).price == 1e-300);
}

TEST_CASE("run-time fields are no part of the identity") {
  const Soup one = read_soup("{cooks: 1, recipe: a.txt}"), other = read_soup("{cooks: 2, recipe: b.txt}");
  CHECK(yaml_of(one) != yaml_of(other));
  CHECK(yaml_of(one, true) == yaml_of(other, true));
  CHECK(yaml_of(one, true) != yaml_of(read_soup("litres: 3"), true));
}

TEST_CASE("the log knows where each value was stated, and no default") {
  const test::TemporaryDirectory directory;
  test::write_bytes(directory / "base.yaml", "litres: 3\nminutes: 40\nspice: {grains: 4}\n");
  const auto top = test::write_bytes(directory / "top.yaml", "base: base.yaml\nminutes: 50\nladle: {depth: 4}\n");
  Soup soup;
  ReadLog log;
  read(soup, load(top, {"spice=pepper", "left.count=3"}), {"", &log});
  const auto origin = [&](const std::string& path) { return log.find(path) ? log.find(path)->text() : "default"; };
  CHECK(origin("litres") == (directory / "base.yaml").string() + ":1");
  CHECK(origin("minutes") == top.string() + ":2");
  CHECK(origin("spice.type") == "--set spice=pepper");
  CHECK(origin("spice.grains") == (directory / "base.yaml").string() + ":3");
  CHECK(origin("left.count") == "--set left.count=3");
  CHECK(origin("left.ladles.2.depth") == top.string() + ":3");
  CHECK(origin("right.ladles.0.depth") == top.string() + ":3");
  CHECK(origin("name") == "default");
  CHECK(origin("spice.heat") == "default");
}

TEST_CASE("a description shows every effective value and where the log knows it from") {
  Soup soup;
  ReadLog log;
  read(soup, parse_text("spice: {grains: 7}\nleft: {ladles: {\"1\": {depth: 8}}}\nright: {count: 4}", "soup.yaml"), {"", &log});
  std::vector<Description> list;
  describe(soup, {}, list);
  const auto shown = [&](const std::string& path) -> std::string {
    for (const auto& item : list) {
      const auto* origin = log.find(item.logged_path);
      if (item.path == path) return item.value + " [" + (origin ? origin->text() : "default") + "]";
    }
    return "(not shown)";
  };
  CHECK(shown("litres") == "2 [default]");
  CHECK(shown("spice") == "salt [default]");
  CHECK(shown("spice.grains") == "7 [soup.yaml:1]");
  CHECK(shown("left.ladles.0.depth") == "3 [default]");
  CHECK(shown("left.ladles.1.depth") == "8 [soup.yaml:2]");
  CHECK(shown("right.ladles.0-3.depth") == "3 [default]");
  CHECK(shown("price") == "~ [default]");
  CHECK(shown("vegetables") == "[leek] [default]");
}

}  // namespace sublayer::config
