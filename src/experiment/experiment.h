#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/core/config/fields.h"
#include "src/experiment/run_config.h"

namespace sublayer::experiment {

// One value of an axis: overrides of the base config.
struct Level {
  std::string name;
  config::Node overrides;
};

// Keys of a run's config and their values, `{training.log_every: 20}`.
struct Overrides {
  config::Node map = config::Node::map();
};
std::unique_ptr<config::Value> bind(Overrides& overrides);

// What is varied: `activation: {relu: {}, gelu: {model.layer.feed_forward.activation: gelu}}`.
struct Axis {
  std::string name;
  std::vector<Level> levels;
};

struct Axes {
  std::vector<Axis> list;
};
std::unique_ptr<config::Value> bind(Axes& axes);

// How long every run trains; replaces the ends that the base config states.
struct BudgetOptions : config::Options {
  int64_t max_updates = 0, max_tokens = 0;
  void fields(config::Fields& v) override {
    v("max_updates", max_updates, "updates of every run; 0: not by updates");
    v("max_tokens", max_tokens, "source and target tokens of every run; 0: not by tokens");
  }
  void check(config::Checker& c) const override {
    c.require(max_updates >= 0, "max_updates", "must not be negative");
    c.require(max_tokens >= 0, "max_tokens", "must not be negative");
  }
  bool is_stated() const { return max_updates > 0 || max_tokens > 0; }
};

struct CompareOptions : config::Options {
  std::string axis, baseline;
  void fields(config::Fields& v) override {
    v("axis", axis, "the axis whose levels are compared; within each combination of the other axes, which are strata");
    v("baseline", baseline, "the level that the others are compared with");
  }
};

// Fixed before the runs.
struct StatisticsOptions : config::Options {
  std::string test = "paired";
  double level = 0.05;
  double spend = 0.8;
  void fields(config::Fields& v) override {
    v.word("test", test, {"paired", "welch"}, "t-test of the differences seed by seed, or of two independent samples");
    v("level", level, "probability of claiming any difference where there is none, over all arms and looks");
    v("spend", spend, "share of the level that is left which each look spends; 1: a single look, more seeds may not be added");
  }
  void check(config::Checker& c) const override {
    c.require(level > 0 && level < 0.5, "level", "must be above 0 and below 0.5");
    c.require(spend > 0 && spend <= 1, "spend", "must be above 0 and at most 1");
  }
};

// A question, and how it is answered.
struct ExperimentOptions : config::Options {
  std::string question;
  config::Path base;
  Overrides set;
  BudgetOptions budget;
  int64_t seeds = 3;
  std::string metric = "valid.loss";
  std::string at = "best";
  std::vector<std::string> also;
  Axes axes;
  CompareOptions compare;
  std::optional<double> equivalence_margin;
  bool strict = false;
  StatisticsOptions statistics;

  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
};

// A combination of one level of each axis.
struct Arm {
  std::string name;                                         // "gelu", or with several axes "pre+warmup"
  std::vector<std::pair<std::string, std::string>> levels;  // axis and level, in the order of the axes
  std::string stratum;                                      // levels of the axes that are not compared, joined
  std::string level;                                        // that of the compared axis
  bool is_baseline = false;
  std::vector<config::Node> overrides;
};

// That of its folder, or of the file if that is not called experiment.yaml.
std::string experiment_name(const std::filesystem::path& file);

struct Experiment {
  std::filesystem::path file;
  std::string name;
  ExperimentOptions options;
  std::vector<Arm> arms;

  const Arm& baseline_of(const Arm& arm) const;  // of the same stratum
};

// Reads the file and checks all that can be known before the data is read, the configs of all arms among it. ConfigErrors.
Experiment load_experiment(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

// The config of one run.
LoadedConfig arm_config(const Experiment& experiment, const Arm& arm, int64_t seed);

// "valid.loss" -> valid, loss.
struct MetricName {
  std::string split, metric;
};
MetricName parse_metric(const std::string& text);

}  // namespace sublayer::experiment
