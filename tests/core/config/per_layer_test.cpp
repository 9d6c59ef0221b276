#include "src/core/errors.h"
#include "tests/core/config/soup.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::config {
namespace {

using test::Shelf;
using test::Soup;

template <class T>
T read_as(const std::string& yaml) {
  T options;
  ReadLog log;
  read(options, parse_text(yaml, "a.yaml"), {"", &log});
  return options;
}

std::vector<int64_t> depths(const Shelf& shelf) {
  std::vector<int64_t> list;
  for (const auto& ladle : shelf.ladles) list.push_back(ladle.depth);
  return list;
}

std::string refused_shelf(const std::string& yaml) {
  return test::message_of<ConfigError>([&] { read_as<Shelf>(yaml); });
}

}  // namespace

TEST_CASE("layers start from the shared key and are refined by number or range, later entries over earlier ones") {
  using Depths = std::vector<int64_t>;
  CHECK(depths(read_as<Shelf>("{count: 3}")) == Depths{3, 3, 3});
  CHECK(depths(read_as<Shelf>("{count: 3, ladle: {depth: 5}}")) == Depths{5, 5, 5});
  CHECK(depths(read_as<Shelf>("{count: 6, ladle: {depth: 5}, ladles: {\"0\": {depth: 1}, \"2-4\": {depth: 2}}}")) ==
        Depths{1, 5, 2, 2, 2, 5});
  CHECK(depths(read_as<Shelf>("{count: 4, ladles: {0-2: {depth: 1}, 1-3: {depth: 2}, 2: {depth: 4}}}")) == Depths{1, 2, 4, 2});
  CHECK(depths(read_as<Shelf>("{count: 1, ladles: {0-0: {depth: 1}}}")) == Depths{1});
  CHECK(depths(read_as<Shelf>("{count: 2, ladles: {0: }, ladle: {depth: 7}}")) == Depths{7, 7});
}

TEST_CASE("overlapping entries of one layer are merged key by key") {
  const auto shelf = read_as<Shelf>("{count: 2, ladles: {0-1: {depth: 1, spice: {type: pepper, grains: 2}}, 1: {spice: salt}}}");
  CHECK(depths(shelf) == std::vector<int64_t>{1, 1});
  CHECK(to_yaml(write(shelf.ladles[1])) == "depth: 1\nspice:\n  type: salt\n  grains: 2\n  is_coarse: false\n");
}

TEST_CASE("a layer that does not exist and a name that is none are refused") {
  CHECK(refused_shelf("count: 2\nladles:\n  \"2\": {depth: 1}\n") ==
        "a.yaml:3: ladles: layer 2 does not exist: there are 2 layers, counted from 0");
  CHECK(refused_shelf("{count: 2, ladles: {1-7: {depth: 1}}}") ==
        "a.yaml:1: ladles: layer 7 does not exist: there are 2 layers, counted from 0");
  CHECK(refused_shelf("{ladles: {1-0: {depth: 1}}}") == "a.yaml:1: ladles: '1-0': the first layer of a range must not be above the last");
  for (const std::string key : {"first", "-1", "0-", "0-1-1", "0.5", "''", "' 0'", "+1", "0x1", "99999999999999999999"}) {
    const std::string plain = key.starts_with('\'') ? key.substr(1, key.size() - 2) : key;
    CHECK(refused_shelf("{ladles: {" + key + ": {depth: 1}}}") ==
          "a.yaml:1: ladles: '" + plain + "' is no layer or range of layers such as \"0\" or \"4-5\"");
  }
  CHECK(refused_shelf("ladles: [1]") == "a.yaml:1: ladles: expected a map such as {\"0\": ..., \"4-5\": ...}");
}

TEST_CASE("errors within a layer name its number") {
  CHECK(refused_shelf("{ladles: {1: {depht: 1}}}") == "a.yaml:1: ladles.1: unknown key 'depht'. Did you mean 'depth'? Known: depth, spice");
  CHECK(refused_shelf("ladle:\n  depth: 0") == "a.yaml:2: ladles.0.depth: must be positive");
  CHECK(refused_shelf("ladles:\n  1: {depth: 0}") == "a.yaml:2: ladles.1.depth: must be positive");
  CHECK(refused_shelf("ladle: 3") == "a.yaml:1: ladles.0: expected a map of keys to values");
}

TEST_CASE("layers of one value are written as a range") {
  const auto shelf = read_as<Shelf>("{count: 5, ladles: {0: {depth: 1}, 4: {depth: 2}}}");
  const auto node = write(shelf);
  std::vector<std::string> keys;
  for (const auto& entry : node.find("ladles")->entries) keys.push_back(entry.first);
  CHECK(keys == std::vector<std::string>{"0", "1-3", "4"});
  CHECK(to_yaml(write(read_as<Shelf>(to_yaml(node)))) == to_yaml(node));
}

TEST_CASE("a shared key above starts all its targets, which refine it") {
  const auto soup =
      read_as<Soup>("{ladle: {depth: 4, spice: salt}, left: {ladle: {depth: 5}, ladles: {1: {depth: 6}}}, right: {count: 1}}");
  CHECK(depths(soup.left) == std::vector<int64_t>{5, 6});
  CHECK(depths(soup.right) == std::vector<int64_t>{4});
  for (const auto* shelf : {&soup.left, &soup.right}) CHECK(shelf->ladles[0].spice.name() == "salt");
  CHECK(depths(read_as<Soup>("ladle: {depth: 4}").right) == std::vector<int64_t>{4, 4});
}

TEST_CASE("a type refined below a shared key keeps what both variants have") {
  const auto soup = read_as<Soup>("{ladle: {spice: {type: pepper, grains: 2, heat: 3}}, right: {ladle: {spice: salt}}}");
  CHECK(to_yaml(write(soup.left.ladles[0])) == "depth: 3\nspice:\n  type: pepper\n  grains: 2\n  heat: 3\n");
  CHECK(to_yaml(write(soup.right.ladles[0])) == "depth: 3\nspice:\n  type: salt\n  grains: 2\n  is_coarse: false\n");
}

TEST_CASE("a shared key does not depend on whether it stands before or after what refines it") {
  const auto before = read_as<Soup>("{ladle: {depth: 4}, left: {ladle: {depth: 5}}}");
  const auto after = read_as<Soup>("{left: {ladle: {depth: 5}}, ladle: {depth: 4}}");
  CHECK(to_yaml(write(before)) == to_yaml(write(after)));
}

TEST_CASE("an error below a shared key names the line where it was written") {
  CHECK(test::message_of<ConfigError>([] { read_as<Soup>("left: {}\nladle:\n  depth: deep\n"); }) ==
        "a.yaml:3: left.ladles.0.depth: expected a whole number, got 'deep'");
}

}  // namespace sublayer::config
