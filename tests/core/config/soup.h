#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "src/core/config/choice.h"

namespace sublayer::test {

// A small config with every sort of field, for tests of the reader and the writer.
class Spice {
 public:
  static constexpr const char* kind = "spice";
  static constexpr const char* kind_documentation = "what tests of the config season a soup with";
  using Arguments = std::tuple<double>;  // how many guests
  virtual ~Spice() = default;
  virtual double heat() const = 0;  // of the pot
};

struct Ladle : config::Options {
  int64_t depth = 3;
  Choice<Spice> spice = "pepper";
  void fields(config::Fields& v) override {
    v("depth", depth, "centimetres");
    v("spice", spice, "what clings to it");
  }
  void check(config::Checker& c) const override { c.require(depth > 0, "depth", "must be positive"); }
};

struct Shelf : config::Options {
  int64_t count = 2;
  std::vector<Ladle> ladles;
  void fields(config::Fields& v) override {
    v("count", count, "ladles on the shelf");
    v.per_layer("ladle", "ladles", ladles, count, "single ladles");
  }
};

struct Soup : config::Options {
  int64_t litres = 2;
  uint64_t seed = 1;
  double minutes = 30;
  bool is_hot = true;
  std::string name = "soup";
  std::string size = "small";
  config::Path recipe;
  config::AutoCount cooks;
  std::optional<double> price;
  std::vector<std::string> vegetables = {"leek"};
  std::vector<Choice<Spice>> garnish;
  Choice<Spice> spice = "salt";
  Shelf left, right;
  void fields(config::Fields& v) override {
    v("litres", litres, "how much");
    v("seed", seed, "for the croutons");
    v("minutes", minutes, "on the stove");
    v("is_hot", is_hot, "whether it is served hot");
    v("name", name, "on the menu");
    v.word("size", size, {"small", "large"}, "of the bowl");
    v("recipe", recipe, "file", config::Mark::run_time);
    v("cooks", cooks, "how many", config::Mark::run_time);
    v("price", price, "on the menu");
    v("vegetables", vegetables, "in the order in which they go in");
    v("garnish", garnish, "on top");
    v("spice", spice, "in the pot");
    v.starts("ladle", {"left.ladle", "right.ladle"}, "what all ladles start from");
    v("left", left, "left shelf");
    v("right", right, "right shelf");
  }
  void check(config::Checker& c) const override {
    c.require(litres > 0, "litres", "must be positive");
    c.require(litres < 10 || minutes >= 60, "minutes", "must be at least 60 for 10 litres and more");
    for (size_t i = 0; i < left.ladles.size(); ++i) {
      c.require(litres <= 0 || left.ladles[i].depth <= 10 * litres, "left.ladles." + std::to_string(i) + ".depth",
                "is deeper than the pot");
    }
  }
};

}  // namespace sublayer::test
