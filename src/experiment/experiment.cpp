#include "src/experiment/experiment.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "src/core/errors.h"
#include "src/core/suggest.h"

namespace sublayer::experiment {
namespace {

using config::Node;

// Levels and axes name directories.
bool is_name(const std::string& text) {
  return !text.empty() && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; });
}

// `{model.layer.residual: pre}` as a config is written: `{model: {layer: {residual: pre}}}`. Later keys lie over earlier ones.
Node expand_dotted(const Node& map) {
  Node tree = Node::map();
  for (const auto& [key, value] : map.entries) tree = config::merge(tree, config::nested(key, value));
  return tree;
}

class OverridesValue : public config::Value {
 public:
  explicit OverridesValue(Overrides& overrides) : overrides_(overrides) {}
  void read(const Node& node, const config::Place& place) override {
    if (!node.is_map() && node.kind != Node::Kind::null) config::fail(node, place.path, "expected a map of config keys to values");
    overrides_.map = node.is_map() ? node : Node::map();
  }
  Node write(bool) const override { return overrides_.map; }
  void schema(nlohmann::json& out) const override { out = {{"type", nlohmann::json::array({"object", "null"})}}; }
  std::string type() const override { return "map of config keys to values"; }

 private:
  Overrides& overrides_;
};

class AxesValue : public config::Value {
 public:
  explicit AxesValue(Axes& axes) : axes_(axes) {}

  void read(const Node& node, const config::Place& place) override {
    axes_.list.clear();
    if (!node.is_map()) config::fail(node, place.path, "expected a map of axes, each a map of levels to overrides");
    for (const auto& [name, levels] : node.entries) {
      const auto below = place.below(name);
      if (!is_name(name)) config::fail(levels, below.path, "an axis' name may have letters, digits, '_', '-' and '.'");
      if (!levels.is_map() || levels.entries.empty())
        config::fail(levels, below.path, "expected a map of levels to overrides, e.g. {relu: {}, gelu: {key.path: value}}");
      Axis axis{name, {}};
      for (const auto& [level, overrides] : levels.entries) {
        if (!is_name(level)) config::fail(overrides, below.below(level).path, "a level's name may have letters, digits, '_', '-' and '.'");
        Overrides values;
        OverridesValue(values).read(overrides, below.below(level));
        axis.levels.push_back({level, std::move(values.map)});
      }
      axes_.list.push_back(std::move(axis));
    }
  }
  Node write(bool) const override {
    Node node = Node::map();
    for (const auto& axis : axes_.list) {
      Node& levels = node.at(axis.name);
      levels = Node::map();
      for (const auto& level : axis.levels) levels.entries.emplace_back(level.name, level.overrides);
    }
    return node;
  }
  void schema(nlohmann::json& out) const override {
    out = {{"type", "object"},
           {"additionalProperties", {{"type", "object"}, {"additionalProperties", {{"type", nlohmann::json::array({"object", "null"})}}}}}};
  }
  std::string type() const override { return "map of axes to levels to overrides"; }

 private:
  Axes& axes_;
};

std::vector<std::string> names_of(const std::vector<Level>& levels) {
  std::vector<std::string> names;
  for (const auto& level : levels) names.push_back(level.name);
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : "+") + word;
  return text;
}

// Every combination of levels, the last axis running fastest.
std::vector<Arm> cross(const ExperimentOptions& options) {
  std::vector<Arm> arms = {Arm()};
  for (const auto& axis : options.axes.list) {
    std::vector<Arm> longer;
    for (const auto& arm : arms) {
      for (const auto& level : axis.levels) {
        Arm next = arm;
        next.levels.emplace_back(axis.name, level.name);
        next.overrides.push_back(expand_dotted(level.overrides));
        longer.push_back(std::move(next));
      }
    }
    arms = std::move(longer);
  }
  for (auto& arm : arms) {
    std::vector<std::string> all, strata;
    for (const auto& [axis, level] : arm.levels) {
      all.push_back(level);
      (axis == options.compare.axis ? arm.level : strata.emplace_back()) = level;
    }
    arm.name = joined(all);
    arm.stratum = joined(strata);
    arm.is_baseline = arm.level == options.compare.baseline;
  }
  return arms;
}

void check_metric(const std::string& text, const RunConfig& config, const std::string& where) {
  const auto [split, metric] = parse_metric(text);
  std::vector<std::string> known;
  for (const auto& choice : config.validation.metrics) {
    known.push_back("valid." + choice.name());
    known.push_back("test." + choice.name());
  }
  if (std::find(known.begin(), known.end(), text) == known.end())
    throw ConfigError(where + "'" + text + "' is not scored: validation.metrics of the base config lists what is." + suggest(text, known));
}

}  // namespace

std::string experiment_name(const std::filesystem::path& file) {
  if (file.filename() != "experiment.yaml") return file.stem().string();
  return std::filesystem::weakly_canonical(file).parent_path().filename().string();
}

std::unique_ptr<config::Value> bind(Overrides& overrides) { return std::make_unique<OverridesValue>(overrides); }
std::unique_ptr<config::Value> bind(Axes& axes) { return std::make_unique<AxesValue>(axes); }

void ExperimentOptions::fields(config::Fields& v) {
  v("question", question, "what the experiment is to find out");
  v("base", base, "the run config that every arm starts from");
  v("set", set, "values that all arms set otherwise than the base config: {key.path: value}");
  v("budget", budget, "how long every run trains; empty: as the base config says");
  v("seeds", seeds, "runs of every arm, with seeds 1 to this; may be raised after a verdict that is undecided");
  v("metric", metric, "the primary score: valid. or test. and a name from validation.metrics");
  v.word("at", at, {"best", "last"},
         "which validation, and which checkpoint on the test set: the best one by the first metric, or the last");
  v("also", also, "further scores that are shown");
  v("axes", axes, "what is varied: axes, their levels, and the config keys that each level sets");
  v("compare", compare, "which levels are compared with which; empty: no verdict");
  v("equivalence_margin", equivalence_margin, "differences of the metric within it do not matter");
  v("strict", strict, "refuse to train where arms differ in more than the axis: parameters, FLOPs, data order, shared initial values");
  v("statistics", statistics, "how the verdict is made");
}

void ExperimentOptions::check(config::Checker& c) const {
  c.require(!question.empty(), "question", "is missing: what is to be found out?");
  c.require(!base.empty(), "base", "is missing: the run config that every arm starts from");
  c.require(seeds >= 1, "seeds", "must be at least 1");
  c.require(!axes.list.empty(), "axes", "is missing: what is to be varied?");
  c.require(!equivalence_margin || *equivalence_margin > 0, "equivalence_margin", "must be positive");
  if (compare.axis.empty()) {
    c.require(compare.baseline.empty(), "compare.axis", "is missing: of which axis is '" + compare.baseline + "' a level?");
    return;
  }
  c.require(seeds >= 2, "seeds", "a verdict needs at least 2 seeds; without `compare` one is enough");
  std::vector<std::string> names;
  for (const auto& axis : axes.list) names.push_back(axis.name);
  const auto found = std::find(names.begin(), names.end(), compare.axis);
  c.require(found != names.end(), "compare.axis", "there is no axis '" + compare.axis + "'." + suggest(compare.axis, names));
  if (found == names.end()) return;
  const auto levels = names_of(axes.list[found - names.begin()].levels);
  c.require(std::find(levels.begin(), levels.end(), compare.baseline) != levels.end(), "compare.baseline",
            "axis '" + compare.axis + "' has no level '" + compare.baseline + "'." + suggest(compare.baseline, levels));
  c.require(levels.size() >= 2, "compare.axis", "axis '" + compare.axis + "' has one level: nothing to compare");
}

const Arm& Experiment::baseline_of(const Arm& arm) const {
  return *std::find_if(arms.begin(), arms.end(), [&](const Arm& other) { return other.is_baseline && other.stratum == arm.stratum; });
}

MetricName parse_metric(const std::string& text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos || (text.substr(0, dot) != "valid" && text.substr(0, dot) != "test"))
    throw ConfigError("'" + text + "' is no score: expected valid. or test. and the name of a metric, e.g. valid.loss");
  return {text.substr(0, dot), text.substr(dot + 1)};
}

LoadedConfig arm_config(const Experiment& experiment, const Arm& arm, int64_t seed) {
  const auto& options = experiment.options;
  Node root = config::merge(config::load(options.base.value, {}), expand_dotted(options.set.map));
  const auto set = [&](const std::string& key, const std::string& value) {
    Node leaf = Node::of(value);
    leaf.origin = {experiment.file.string(), 0};
    root = config::merge(root, config::nested(key, leaf));
  };
  if (options.budget.is_stated()) {
    set("training.max_updates", std::to_string(options.budget.max_updates));
    set("training.max_tokens", std::to_string(options.budget.max_tokens));
    set("training.max_epochs", "0");
    set("training.max_minutes", "0");
  }
  set("checkpoint.tested", options.at);
  for (const auto& overrides : arm.overrides) root = config::merge(root, overrides);
  set("seed", std::to_string(seed));
  LoadedConfig loaded;
  config::read(loaded.config, root, {"", &loaded.log});
  return loaded;
}

Experiment load_experiment(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  Node root = config::parse_file(file);
  for (const auto& text : overrides) root = config::merge(root, config::parse_override(text));
  Experiment experiment{file, experiment_name(file), {}, {}};
  config::ReadLog log;
  config::read(experiment.options, root, {"", &log});
  const auto& options = experiment.options;
  const auto stated_at = [&](const std::string& key) {
    const auto* origin = log.find(key);
    return (origin ? origin->text() : file.string()) + ": " + key + ": ";
  };
  if (!std::filesystem::is_regular_file(options.base.value)) throw ConfigError(stated_at("base") + "no file " + options.base.string());
  experiment.arms = cross(options);
  for (const auto& arm : experiment.arms) {
    const auto config = arm_config(experiment, arm, 1).config;
    check_metric(options.metric, config, stated_at("metric"));
    for (const auto& metric : options.also) check_metric(metric, config, stated_at("also"));
  }
  return experiment;
}

}  // namespace sublayer::experiment
