#include "src/experiment/run_config.h"

#include <map>
#include <nlohmann/json.hpp>

namespace sublayer::experiment {
namespace {

class SeedsValue : public config::Value {
 public:
  explicit SeedsValue(Seeds& seeds) : seeds_(seeds) {}
  void read(const config::Node& node, const config::Place& place) override {
    if (node.kind == config::Node::Kind::scalar) {
      uint64_t seed = 0;
      config::bind(seed)->read(node, place);
      seeds_ = {seed, seed, seed};
      return;
    }
    config::Node map = node;
    // `seed: 1` and the map, one laid over the other: the merge knows choices only and calls the plain seed their type.
    if (const auto* plain = node.find("type")) {
      read(*plain, place);
      map.erase("type");
      std::erase_if(map.entries, [](const auto& entry) { return entry.second.is_inherited; });
    }
    Struct fields(seeds_);
    config::read(fields, map, place);
  }
  config::Node write(bool) const override {
    if (seeds_.init == seeds_.data && seeds_.data == seeds_.dropout) return config::Node::of(std::to_string(seeds_.init));
    return config::write(Struct(seeds_));
  }
  void schema(nlohmann::json& out) const override {
    nlohmann::json map;
    config::schema(Struct(seeds_), map);
    out["anyOf"] = nlohmann::json::array({{{"type", "integer"}, {"minimum", 0}}, std::move(map)});
  }
  std::string type() const override { return "integer, or {init, data, dropout}"; }
  void describe(const config::Description& self, std::vector<config::Description>& out) const override {
    if (write(false).is_map())
      config::describe(Struct(seeds_), self, out);
    else
      Value::describe(self, out);
  }

 private:
  struct Struct : config::Options {
    explicit Struct(Seeds& seeds) : seeds_(seeds) {}
    void fields(config::Fields& v) override {
      v("init", seeds_.init, "first values of parameters");
      v("data", seeds_.data, "order of the examples");
      v("dropout", seeds_.dropout, "dropout masks");
    }
    Seeds& seeds_;
  };
  Seeds& seeds_;
};

}  // namespace

std::unique_ptr<config::Value> bind(Seeds& seeds) { return std::make_unique<SeedsValue>(seeds); }

void RunConfig::fields(config::Fields& v) {
  v("seed", seed, "where all randomness of the run comes from");
  v("task", task, "examples and their splits");
  v("tokenizer", tokenizer, "text to ids and back");
  v("model", model, "what is trained");
  v("loss", loss, "what training minimises");
  v("optimizer", optimizer, "how an update is made of a gradient");
  v("schedule", schedule, "the learning rate over time");
  v("training", training, "how the data is cut into updates, and when training ends");
  v("validation", validation, "scores on the validation split while training");
  v("search", search, "how the trained model writes targets", config::Mark::run_time);
  v("checkpoint", checkpoint, "what is kept");
  v("probes", probes, "numbers taken of modules while they train, e.g. [gradient_norm, {type: dead_units, every_updates: 50}]",
    config::Mark::run_time);
  v.word("device", device, {"auto", "cpu", "cuda"},
         "where the model computes: cuda is a GPU, auto a GPU where there is one. A GPU rounds otherwise and draws other dropout masks",
         config::Mark::run_time);
}

void RunConfig::check(config::Checker& c) const {
  c.require(!task.empty(), "task", "is missing: what is to be learned?");
  c.require(training.has_end(), "training", "has no end: state max_updates, max_epochs, max_tokens or max_minutes");
  const auto key = dynamic_cast<const ModelOptions&>(model.options()).key_needing_joint_vocabulary();
  const bool is_joint = dynamic_cast<const tokenizer::TokenizerOptions&>(tokenizer.options()).joint;
  c.require(key.empty() || is_joint, "model." + key, "needs one vocabulary for both sides: set tokenizer.joint to true");
}

LoadedConfig load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  LoadedConfig loaded;
  config::read(loaded.config, config::load(file, overrides), {"", &loaded.log});
  return loaded;
}

std::string to_yaml(const config::Options& options) { return config::to_yaml(config::write(options)); }

std::vector<KeyDifference> differences(const RunConfig& here, const RunConfig& there, bool identity_only) {
  const auto leaves_of = [&](const RunConfig& config) {
    std::map<std::string, std::string> leaves;
    for (auto& [path, value] : config::leaves(config::write(config, identity_only))) {
      // `activation: relu` and `activation: {type: silu, beta: 1}` name their variants at one place.
      leaves[path.ends_with(".type") ? path.substr(0, path.size() - 5) : path] = value;
    }
    return leaves;
  };
  const auto left = leaves_of(here), right = leaves_of(there);
  const auto value_in = [](const auto& leaves, const std::string& key) {
    const auto found = leaves.find(key);
    return found == leaves.end() ? std::string("nothing") : found->second;
  };
  auto keys = left;
  keys.insert(right.begin(), right.end());
  std::vector<KeyDifference> list;
  for (const auto& [key, value] : keys) {
    KeyDifference difference{key, value_in(left, key), value_in(right, key)};
    if (difference.here != difference.there) list.push_back(std::move(difference));
  }
  return list;
}

std::vector<std::string> identity_differences(const RunConfig& here, const RunConfig& there) {
  std::vector<std::string> lines;
  for (const auto& [key, a, b] : differences(here, there, /*identity_only=*/true))
    lines.push_back(key + ": " + a + " here, " + b + " there");
  return lines;
}

}  // namespace sublayer::experiment
