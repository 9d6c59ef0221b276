#include "src/core/config/node.h"

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::config {
namespace {

using test::message_of;
using test::TemporaryDirectory;
using test::write_bytes;
using Leaves = std::vector<std::pair<std::string, std::string>>;

Node yaml(const std::string& text, const std::string& source = "a.yaml") { return parse_text(text, source); }

Leaves merged(const std::string& base, const std::string& over) { return leaves(merge(yaml(base), yaml(over))); }

std::string refusal(const std::string& text) {
  return message_of<ConfigError>([&] { yaml(text); });
}

const Node& below(const Node& node, const std::vector<std::string>& keys) {
  const Node* at = &node;
  for (const auto& key : keys) {
    at = at->find(key);
    REQUIRE(at);
  }
  return *at;
}

}  // namespace

TEST_CASE("values know the line of their key") {
  const Node root = yaml("a: 1\nb:\n  c: [x,\n    y]\n  d: {e: ~}\n");
  CHECK(root.origin.text() == "a.yaml:1");
  CHECK(below(root, {"a"}).origin.text() == "a.yaml:1");
  CHECK(below(root, {"b"}).origin.text() == "a.yaml:2");
  CHECK(below(root, {"b", "c"}).origin.text() == "a.yaml:3");
  CHECK(below(root, {"b", "c"}).items.at(1).origin.text() == "a.yaml:4");
  CHECK(below(root, {"b", "d", "e"}).origin.text() == "a.yaml:5");
  CHECK(below(root, {"b", "d", "e"}).kind == Node::Kind::null);
  CHECK(Node::of("1").origin.text() == "default");
}

TEST_CASE("maps keep the order of their keys") {
  CHECK(leaves(yaml("z: 1\na: {y: 2, b: [3, 4]}\nm: 5")) == Leaves{{"z", "1"}, {"a.y", "2"}, {"a.b.0", "3"}, {"a.b.1", "4"}, {"m", "5"}});
}

TEST_CASE("a key that stands twice is refused where it stands again, however it is quoted") {
  CHECK(refusal("a: 1\nb: 2\na: 3\n") == "a.yaml:3: key 'a' stands twice in the same map; remove one");
  CHECK(refusal("m:\n  x: 1\n  \"x\": 1\n") == "a.yaml:3: key 'x' stands twice in the same map; remove one");
  CHECK(leaves(yaml("m: {x: 1}\nn: {x: 1}")).size() == 2);
}

TEST_CASE("what is no YAML is refused with its line") {
  CHECK(refusal("a: 1\nb: [1, 2\n").starts_with("a.yaml:3: not readable as YAML: "));
  CHECK(refusal("a: 1\n\tb: 2\n").starts_with("a.yaml:2: not readable as YAML: "));
  CHECK(refusal("a: 1\nb: *nowhere\n").starts_with("a.yaml:2: not readable as YAML: "));
  CHECK(refusal("a: 1\n? [b]\n: 2\n") == "a.yaml:1: a key must be a plain word");
  CHECK(refusal("a: 1\n---\nb: 2\n") == "a.yaml:3: a second document starts here; a config is one document");
}

TEST_CASE("an anchor stands for the value that it names") {
  CHECK(leaves(yaml("a: &x {y: 1}\nb: *x")) == Leaves{{"a.y", "1"}, {"b.y", "1"}});
}

TEST_CASE("an empty file is an empty map") {
  CHECK(yaml("").is_map());
  CHECK(yaml("# nothing but a comment\n").is_map());
}

TEST_CASE("text survives being written and read again") {
  for (const std::string text : {"",   "~",  "null", "true", "1e-5", " x ",          "a: b", "- a", "#",     "a # b", "'", "\"", "{",
                                 "[]", "*a", "&a",   "!",    "%",    "\xe6\xbc\xa2", "a\nb", "\t",  "C:\\x", "@",     "`", "?",  "4-5"}) {
    INFO("'" << text << "'");
    Node map = Node::map();
    map.entries.emplace_back("key", Node::of(text));
    map.entries.emplace_back("list", yaml("{list: [a]}").entries[0].second);
    map.entries[1].second.items.push_back(Node::of(text));
    const Node again = yaml(to_yaml(map));
    CHECK(leaves(again) == leaves(map));
    CHECK(below(again, {"key"}).kind == Node::Kind::scalar);
  }
}

TEST_CASE("trees survive being written and read again") {
  for (const std::string text : {"{}", "a: ~", "a: {}", "a: []", "a: [{b: 1, c: [2, {}]}, [3], ~]\nd: {e: {f: 4}}\n\"0-2\": {g: 5}"}) {
    const Node node = yaml(text);
    INFO(to_yaml(node));
    CHECK(to_yaml(yaml(to_yaml(node))) == to_yaml(node));
    CHECK(leaves(yaml(to_yaml(node))) == leaves(node));
  }
}

TEST_CASE("maps are merged key by key, lists and single values replaced") {
  CHECK(merged("a: 1\nb: {c: 2, d: 3}", "b: {d: 4, e: 5}\nf: 6") ==
        Leaves{{"a", "1"}, {"b.c", "2"}, {"b.d", "4"}, {"b.e", "5"}, {"f", "6"}});
  CHECK(merged("a: [1, 2, 3]", "a: [4]") == Leaves{{"a.0", "4"}});
  CHECK(merged("a: 1", "a: ~") == Leaves{{"a", ""}});
  CHECK(merged("a: 1", "{}") == Leaves{{"a", "1"}});
}

TEST_CASE("a key left empty over a map says nothing") { CHECK(merged("a: {b: 1}", "a:\n") == Leaves{{"a.b", "1"}}); }

TEST_CASE("a merged value has the origin of who stated it last") {
  const Node node = merge(yaml("m: {a: 1, b: 2}", "base.yaml"), yaml("\nm: {b: 3}", "over.yaml"));
  CHECK(below(node, {"m", "a"}).origin.text() == "base.yaml:1");
  CHECK(below(node, {"m", "b"}).origin.text() == "over.yaml:2");
}

TEST_CASE("a name merges with the map form of a choice") {
  CHECK(merged("a: relu", "a: {beta: 2}") == Leaves{{"a.type", "relu"}, {"a.beta", "2"}});
  CHECK(merged("a: {type: silu, beta: 2}", "a: relu") == Leaves{{"a.type", "relu"}, {"a.beta", "2"}});
}

TEST_CASE("another type marks what was said before as inherited, and what is said with it as stated") {
  const Node changed = merge(yaml("a: {type: x, p: 1, q: {r: 2}, s: 3}"), yaml("a: {type: y, s: 4}"));
  CHECK(below(changed, {"a", "p"}).is_inherited);
  CHECK(below(changed, {"a", "q", "r"}).is_inherited);
  CHECK(!below(changed, {"a", "s"}).is_inherited);
  CHECK(!below(changed, {"a", "type"}).is_inherited);

  const Node same = merge(yaml("a: {type: x, p: 1}"), yaml("a: {type: x, s: 4}"));
  CHECK(!below(same, {"a", "p"}).is_inherited);

  // A default may have been meant before: nobody stated a type.
  CHECK(below(merge(yaml("a: {p: 1}"), yaml("a: y")), {"a", "p"}).is_inherited);
  // Said again by a third, it is stated.
  CHECK(!below(merge(changed, yaml("a: {p: 5}")), {"a", "p"}).is_inherited);
}

TEST_CASE("a file lies on top of its base files") {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "below");
  write_bytes(directory / "below/lowest.yaml", "a: 1\nb: 1\nc: {d: 1, e: 1}\n");
  write_bytes(directory / "below/middle.yaml", "base: lowest.yaml\nb: 2\nc: {d: 2}\n");
  const auto top = write_bytes(directory / "top.yaml", "c: {e: 3}\nbase: below/middle.yaml\n");
  const Node node = load(top, {});
  CHECK(leaves(node) == Leaves{{"a", "1"}, {"b", "2"}, {"c.d", "2"}, {"c.e", "3"}});
  CHECK(below(node, {"a"}).origin.text() == (directory / "below/lowest.yaml").string() + ":1");
  CHECK(below(node, {"c", "d"}).origin.text() == (directory / "below/middle.yaml").string() + ":3");
}

TEST_CASE("a base that cannot be is refused") {
  const TemporaryDirectory directory;
  const auto refused = [&](const std::string& text) {
    const auto file = write_bytes(directory / "a.yaml", text);
    return message_of<ConfigError>([&] { load(file, {}); });
  };
  const std::string file = (directory / "a.yaml").string();
  CHECK(refused("b: 1\nbase: missing.yaml\n") == file + ":2: base: no file " + (directory / "missing.yaml").string());
  CHECK(refused("base: [x.yaml]\n") == file + ":1: base: must be the path of another config");
  CHECK(refused("base: a.yaml\n") == file + ": base: this file is its own base");
  write_bytes(directory / "b.yaml", "base: a.yaml\n");
  CHECK(refused("base: b.yaml\n") == file + ": base: this file is its own base");
  CHECK(refused("- a\n") == file + ":1: a config is a map of keys to values");
  CHECK(message_of<ConfigError>([&] { load(directory / "none.yaml", {}); }) == (directory / "none.yaml").string() + ": no such file");
  CHECK(message_of<ConfigError>([&] { load(directory.path(), {}); }) == directory.path().string() + ": no such file");
}

TEST_CASE("overrides lie on top of the file, later ones on earlier ones") {
  const TemporaryDirectory directory;
  const auto file = write_bytes(directory / "a.yaml", "a: {b: 1, c: 2}\nd: [1, 2]\n");
  CHECK(leaves(load(file, {"a.b=3", "d=[4]", "a.e.f=5", "a.b=6"})) == Leaves{{"a.b", "6"}, {"a.c", "2"}, {"a.e.f", "5"}, {"d.0", "4"}});
  CHECK(leaves(load(file, {"d={x: 1, y: [2]}"})).at(2) == std::pair<std::string, std::string>{"d.x", "1"});
  CHECK(below(load(file, {"a.g=b=c"}), {"a", "g"}).scalar == "b=c");
  CHECK(below(load(file, {"a.b="}), {"a", "b"}).kind == Node::Kind::scalar);
  CHECK(below(load(file, {"a.b=~"}), {"a", "b"}).kind == Node::Kind::null);
  CHECK(below(load(file, {"a.b={}"}), {"a", "b"}).is_map());
}

TEST_CASE("an override is the origin of what it states, not of the maps around it") {
  const TemporaryDirectory directory;
  const auto file = write_bytes(directory / "a.yaml", "a: {b: 1, c: 2}\n");
  const Node node = load(file, {"a.b=3"});
  CHECK(below(node, {"a", "b"}).origin.text() == "--set a.b=3");
  CHECK(below(node, {"a", "c"}).origin.text() == file.string() + ":1");
  CHECK(below(node, {"a"}).origin.text() == file.string() + ":1");
  CHECK(node.origin.text() == file.string() + ":1");
}

TEST_CASE("an override without a key, a value or sense is refused") {
  const TemporaryDirectory directory;
  const auto file = write_bytes(directory / "a.yaml", "a: 1\n");
  const auto refused = [&](const std::string& text) { return message_of<ConfigError>([&] { load(file, {text}); }); };
  CHECK(refused("a") == "--set a: expected key.path=value");
  CHECK(refused("=1") == "--set =1: expected key.path=value");
  CHECK(refused("a=[1").starts_with("--set a=[1: not readable as YAML: "));
}

}  // namespace sublayer::config
