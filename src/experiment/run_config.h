#pragma once

#include <algorithm>
#include <filesystem>
#include <vector>

#include "data/task/task.h"
#include "data/tokenizer/tokenizer.h"
#include "data/tokenizer/tokenizer_options.h"
#include "models/model.h"
#include "src/decoding/search/search.h"
#include "src/evaluation/metric/metric.h"
#include "src/training/loss/loss.h"
#include "src/training/optimizer/optimizer.h"
#include "src/training/options.h"
#include "src/training/probes.h"
#include "src/training/schedule/schedule.h"

namespace sublayer::experiment {

// `seed: 1` for everything, or `{init: 1, data: 2, dropout: 3}`.
struct Seeds {
  uint64_t init = 1, data = 1, dropout = 1;
};
std::unique_ptr<config::Value> bind(Seeds& seeds);

struct ValidationOptions : training::IntervalOptions {
  std::vector<Choice<metric::Metric>> metrics = {"loss"};
  Choice<search::Search> search = "greedy";
  int64_t patience = 0;
  int64_t max_tokens_per_batch = 1024;
  ValidationOptions() { every_epochs = 1; }
  void fields(config::Fields& v) override {
    IntervalOptions::fields(v);
    v("metrics", metrics, "scores to take; the first ranks checkpoints and decides about patience");
    v("search", search, "how targets are written for metrics that read them; the test at the end uses the config's own `search`");
    v("patience", patience, "validations without a better score after which training ends; 0: never");
    v("max_tokens_per_batch", max_tokens_per_batch, "padded tokens that are decoded together", config::Mark::run_time);
  }
  void check(config::Checker& c) const override {
    IntervalOptions::check(c);
    c.require(!metrics.empty(), "metrics", "at least one metric is needed, e.g. [loss]");
    for (size_t i = 1; i < metrics.size(); ++i) {
      const auto is_same = [&](const auto& other) { return other.name() == metrics[i].name(); };
      c.require(std::none_of(metrics.begin(), metrics.begin() + static_cast<int64_t>(i), is_same), "metrics." + std::to_string(i),
                "'" + metrics[i].name() + "' stands twice; records tell scores apart by the metric's name");
    }
    c.require(patience >= 0, "patience", "must not be negative");
    c.require(max_tokens_per_batch > 0, "max_tokens_per_batch", "must be positive");
  }
};

struct RunCheckpointOptions : training::CheckpointOptions {
  std::string tested = "best";
  int64_t average_last = 0;
  void fields(config::Fields& v) override {
    CheckpointOptions::fields(v);
    v.word("tested", tested, {"best", "last"}, "which one is tested at the end", config::Mark::run_time);
    v("average_last", average_last, "at the end, checkpoints of which the mean is taken and tested instead; 0: none",
      config::Mark::run_time);
  }
  void check(config::Checker& c) const override {
    CheckpointOptions::check(c);
    c.require(average_last >= 0, "average_last", "must not be negative");
    c.require(average_last <= keep_last, "average_last", "must not be above keep_last: only kept checkpoints can be averaged");
  }
};

// Everything that a run is.
struct RunConfig : config::Options {
  Seeds seed;
  Choice<task::Task> task;
  Choice<tokenizer::Tokenizer> tokenizer = "sentencepiece";
  Choice<Seq2SeqModel> model = "transformer";
  Choice<loss::Loss> loss = "cross_entropy";
  Choice<optimizer::Optimizer> optimizer = "adam";
  Choice<schedule::Schedule> schedule = "inverse_sqrt";
  training::TrainingOptions training;
  ValidationOptions validation;
  Choice<search::Search> search = "beam";
  RunCheckpointOptions checkpoint;
  training::Probes::List probes;
  std::string device = "auto";

  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
};

struct LoadedConfig {
  RunConfig config;
  config::ReadLog log;
};

// A config file with its bases and overrides, read and checked.
LoadedConfig load_config(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

// A resolved config, or a part of one, as YAML text.
std::string to_yaml(const config::Options& options);

// A key of which two configs have different values; "nothing" where one of them lacks it.
struct KeyDifference {
  std::string key, here, there;
};
std::vector<KeyDifference> differences(const RunConfig& here, const RunConfig& there, bool identity_only);

// The differences between what two runs are, one line each: "key: a here, b there".
std::vector<std::string> identity_differences(const RunConfig& here, const RunConfig& there);

}  // namespace sublayer::experiment
