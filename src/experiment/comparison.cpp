#include "src/experiment/comparison.h"

#include <algorithm>
#include <map>
#include <set>

#include "src/core/errors.h"
#include "src/experiment/evaluation.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/provenance.h"

namespace sublayer::experiment {
namespace {

std::shared_ptr<metric::Metric> metric_of(const StoredRun& run, const std::string& name) {
  const auto wanted = parse_metric(name).metric;
  for (const auto& metric : build_all(run.config.validation.metrics)) {
    if (metric->name() == wanted) return metric;
  }
  throw DataError(run.directory.string() + ": has no score '" + name + "'");
}

std::string seed_text(const StoredRun& run) {
  const auto& seed = run.config.seed;
  if (seed.init == seed.data && seed.data == seed.dropout) return std::to_string(seed.init);
  return std::to_string(seed.init) + "/" + std::to_string(seed.data) + "/" + std::to_string(seed.dropout);
}

bool is_same_arm(const StoredRun& a, const StoredRun& b) {
  const auto list = differences(a.config, b.config, /*identity_only=*/true);
  return std::all_of(list.begin(), list.end(), [](const auto& difference) { return difference.key.starts_with("seed"); });
}

}  // namespace

StoredRun read_stored_run(const std::filesystem::path& directory, const std::string& metric) {
  if (!std::filesystem::exists(directory / "provenance.json")) throw DataError(directory.string() + ": no run: it has no provenance.json");
  StoredRun run{directory, load_config_of(directory, directory / "config.yaml").config, {}, {}};
  run.provenance = read_provenance(directory);
  ExperimentOptions options;
  options.metric = metric;
  options.at = run.config.checkpoint.tested;
  run.outcome = read_outcome(directory, run.config, options);
  if (run.outcome.status == RunStatus::diverged) return run;
  if (run.outcome.status != RunStatus::done) throw DataError(directory.string() + ": is not done; go on with it first");
  if (!run.outcome.value) throw DataError(directory.string() + ": has no score '" + metric + "'");
  return run;
}

std::vector<RunGroup> group_runs(std::vector<StoredRun> runs) {
  std::vector<RunGroup> groups;
  for (auto& run : runs) {
    const auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return is_same_arm(group.runs.front(), run); });
    if (found == groups.end()) {
      RunGroup group;
      if (!groups.empty()) {
        for (const auto& [key, here, there] : differences(run.config, groups.front().runs.front().config, true)) {
          if (!key.starts_with("seed")) group.differences.push_back(key + ": " + here + " (" + there + ")");
        }
      }
      group.runs.push_back(std::move(run));
      groups.push_back(std::move(group));
      continue;
    }
    for (const auto& other : found->runs) {
      if (seed_text(other) == seed_text(run))
        throw ConfigError(run.directory.string() + ": the same as " + other.directory.string() + ", seed included");
    }
    found->runs.push_back(std::move(run));
  }
  for (auto& group : groups) {
    std::stable_sort(group.runs.begin(), group.runs.end(),
                     [](const auto& a, const auto& b) { return a.config.seed.init < b.config.seed.init; });
  }
  return groups;
}

std::vector<std::string> obstacles(const std::vector<RunGroup>& groups, const std::string& name) {
  const auto split = parse_metric(name).split;
  std::map<std::string, std::map<std::string, std::string>> facts;  // what -> value -> a run that has it
  for (const auto& group : groups) {
    for (const auto& run : group.runs) {
      const auto metric = metric_of(run, name);
      const auto add = [&](const std::string& what, const std::string& value) { facts[what].emplace(value, run.directory.string()); };
      add("signature of the metric", metric->signature());
      add("data of the " + split + " split", run.provenance.at("data").at(split));
      if (metric->needs_hypotheses()) {
        const auto& search = split == "test" ? run.config.search : run.config.validation.search;
        add("search", search.name() + ": " + to_yaml(search.options()));
      } else {
        add("tokenizer, whose tokens the score counts", run.provenance.at("tokenizer").at("hash"));
      }
    }
  }
  std::vector<std::string> lines;
  for (const auto& [what, values] : facts) {
    if (values.size() < 2) continue;
    const auto& first = *values.begin();
    const auto& second = *std::next(values.begin());
    const auto one_line = [](std::string text) {
      while (!text.empty() && text.back() == '\n') text.pop_back();
      std::replace(text.begin(), text.end(), '\n', ' ');
      return text;
    };
    lines.push_back(what + ": " + one_line(first.first) + " in " + first.second + ", " + one_line(second.first) + " in " + second.second);
  }
  return lines;
}

GroupComparison compare_groups(const std::vector<RunGroup>& groups, const std::string& metric, double level) {
  const auto seeds_of = [](const RunGroup& group) {
    std::vector<std::string> seeds;
    for (const auto& run : group.runs) seeds.push_back(seed_text(run));
    return seeds;
  };
  const auto values_of = [](const RunGroup& group) {
    std::vector<std::optional<double>> values;
    for (const auto& run : group.runs) values.push_back(run.outcome.value);
    return values;
  };
  const auto seeds = seeds_of(groups.front());
  const bool is_paired = std::all_of(groups.begin(), groups.end(), [&](const auto& group) { return seeds_of(group) == seeds; });
  statistics::Design design;
  design.test = is_paired ? statistics::Test::paired : statistics::Test::welch;
  design.level = level;
  design.higher_is_better = metric_of(groups.front().runs.front(), metric)->higher_is_better();
  for (const auto& group : groups) {
    if (group.runs.size() != groups.front().runs.size())
      throw ConfigError("a comparison needs as many runs of every arm: " + std::to_string(groups.front().runs.size()) + " are like " +
                        groups.front().runs.front().directory.string() + ", " + std::to_string(group.runs.size()) + " like " +
                        group.runs.front().directory.string());
  }
  std::vector<statistics::Comparison> family;
  for (size_t i = 1; i < groups.size(); ++i) family.push_back({values_of(groups[i]), values_of(groups.front())});
  return {design.test, statistics::decide(family, design)};
}

}  // namespace sublayer::experiment
