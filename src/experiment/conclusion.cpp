#include "src/experiment/conclusion.h"

#include <algorithm>
#include <map>
#include <set>

#include "src/evaluation/statistics/decision.h"
#include "src/experiment/evaluation.h"
#include "src/experiment/item_evidence.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/looks.h"
#include "src/experiment/outcome.h"
#include "src/experiment/probe_profiles.h"
#include "src/experiment/provenance.h"
#include "src/experiment/sweep.h"

namespace sublayer::experiment {
namespace {

using nlohmann::json;

bool is_final(RunStatus status) { return status == RunStatus::done || status == RunStatus::diverged; }

// What the runs of one arm became, seed by seed.
using Outcomes = std::map<const Arm*, std::vector<Outcome>>;

ArmFindings describe(const ArmCheck& check, const std::vector<Outcome>& outcomes, const std::vector<PlannedRun>& plan) {
  const Arm& arm = *check.arm;
  ArmFindings findings{
      arm.name,        arm.levels, arm.stratum, arm.level, arm.is_baseline, check.parameters, check.flops, check.config_differences,
      check.confounds, {}};
  size_t seed = 0;
  for (const auto& run : plan) {
    if (run.arm != &arm) continue;
    const auto& outcome = outcomes[seed++];
    findings.runs.push_back({run.seed, run.directory.string(), name_of(outcome.status), outcome.reason, outcome.value, outcome.also,
                             outcome.curve, outcome.seconds});
  }
  return findings;
}

// Why a comparison cannot be made yet; empty where it can.
std::string missing_run(const Arm& arm, const std::vector<Outcome>& outcomes) {
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (is_final(outcomes[i].status)) continue;
    std::string text = arm.name + "/seed_" + std::to_string(i + 1);
    text += outcomes[i].status == RunStatus::failed ? " failed: " + outcomes[i].reason : std::string(" is ") + name_of(outcomes[i].status);
    return text;
  }
  return "";
}

std::vector<std::optional<double>> values_of(const std::vector<Outcome>& outcomes) {
  std::vector<std::optional<double>> values;
  for (const auto& outcome : outcomes) values.push_back(outcome.value);
  return values;
}

ComparisonFindings to_findings(const statistics::Decision& decision) {
  ComparisonFindings findings;
  findings.has_difference = decision.difference && decision.interval;
  findings.difference = decision.difference.value_or(0);
  if (decision.interval) findings.interval = *decision.interval;
  findings.p = decision.p.value_or(1);
  findings.p_adjusted = decision.p_adjusted.value_or(1);
  findings.p_equivalence = decision.p_equivalence.value_or(1);
  findings.verdict = statistics::name_of(decision.verdict);
  findings.sentence = decision.sentence;
  findings.correlation = decision.correlation;
  findings.pairing_gain = decision.pairing_gain;
  return findings;
}

// The verdicts of all comparisons, and the look that they are.
void decide(const Experiment& experiment, const Outcomes& outcomes, Looks& looks, Findings& findings) {
  const auto& options = experiment.options;
  std::vector<statistics::Comparison> family;
  std::vector<const Arm*> arms;
  std::vector<std::string> missing;
  for (const auto& arm : experiment.arms) {
    if (arm.is_baseline) continue;
    const auto& baseline = experiment.baseline_of(arm);
    auto reason = missing_run(arm, outcomes.at(&arm));
    if (reason.empty()) reason = missing_run(baseline, outcomes.at(&baseline));
    arms.push_back(&arm);
    // One that cannot be made yet still counts in the family.
    family.push_back(reason.empty() ? statistics::Comparison{values_of(outcomes.at(&arm)), values_of(outcomes.at(&baseline))}
                                    : statistics::Comparison{});
    missing.push_back(std::move(reason));
  }
  const statistics::Design design{options.statistics.test == "paired" ? statistics::Test::paired : statistics::Test::welch, looks.level(),
                                  looks.next_level(), options.equivalence_margin, findings.higher_is_better};
  const auto decisions = statistics::decide(family, design);
  std::vector<Look::Claim> claims;
  for (size_t i = 0; i < arms.size(); ++i) {
    auto comparison = to_findings(decisions[i]);
    comparison.stratum = arms[i]->stratum;
    comparison.arm = arms[i]->level;
    comparison.baseline = options.compare.baseline;
    if (const auto* claim = looks.final_claim(arms[i]->level, arms[i]->stratum)) {
      comparison.verdict = claim->verdict;
      comparison.sentence = claim->sentence + " (decided at an earlier look)";
    } else if (!missing[i].empty()) {
      comparison.verdict = "none";
      comparison.sentence = "no verdict: " + missing[i];
    }
    const bool is_decided = comparison.verdict != "undecided" && comparison.verdict != "none";
    claims.push_back({comparison.arm, comparison.stratum, comparison.verdict, comparison.sentence, is_decided});
    findings.comparisons.push_back(std::move(comparison));
  }
  if (std::any_of(missing.begin(), missing.end(), [](const auto& reason) { return reason.empty(); })) looks.record(std::move(claims));
  findings.look = looks.number();
  findings.level_now = looks.level();
  for (size_t i = 0; i < looks.list().size(); ++i) {
    const auto& look = looks.list()[i];
    const auto open = std::count_if(look.claims.begin(), look.claims.end(), [](const auto& claim) { return !claim.is_final; });
    char text[160];
    std::snprintf(text, sizeof text, "look %zu: %lld seeds, level %.3g, %lld of %zu open", i + 1, static_cast<long long>(look.seeds),
                  look.level, static_cast<long long>(open), look.claims.size());
    findings.looks.push_back(text);
  }
}

// The metric by source length, mean over the seeds whose outputs are there.
LengthScores length_scores(const Arm& arm, const std::vector<PlannedRun>& plan, const Corpora& corpora, const metric::Metric& metric) {
  LengthScores scores{arm.name, "test." + metric.name(), {}};
  double runs = 0;
  for (const auto& run : plan) {
    if (run.arm != &arm) continue;
    const auto outputs = test_outputs(run.directory, run.directory, corpora);
    if (!outputs) continue;
    const auto buckets = scores_by_length(outputs->sources, outputs->references, outputs->arm, metric);
    scores.buckets.resize(buckets.size());
    for (size_t i = 0; i < buckets.size(); ++i) scores.buckets[i] = {buckets[i].first, scores.buckets[i].second + buckets[i].second};
    ++runs;
  }
  for (auto& bucket : scores.buckets) bucket.second /= runs;
  return scores;
}

// What the test outputs show, for the first metric over items: it describes, and decides nothing. Tests and examples are of the first seed.
void add_item_evidence(const Experiment& experiment, const std::vector<PlannedRun>& plan, ArmData& data, Findings& findings) {
  const auto config = arm_config(experiment, experiment.arms.front(), 1).config;
  const auto metrics = build_all(config.validation.metrics);
  const auto found = std::find_if(metrics.begin(), metrics.end(), [](const auto& metric) { return metric->is_made_of_counts(); });
  if (found == metrics.end()) return;
  const auto& metric = **found;
  const auto& corpora = data.of(config).corpora;
  const auto directory = [&](const Arm& arm) {
    return std::find_if(plan.begin(), plan.end(), [&](const auto& run) { return run.arm == &arm && run.seed == 1; })->directory;
  };
  auto comparison = findings.comparisons.begin();
  for (const auto& arm : experiment.arms) {
    if (auto scores = length_scores(arm, plan, corpora, metric); !scores.buckets.empty()) findings.lengths.push_back(std::move(scores));
    if (experiment.options.compare.axis.empty() || arm.is_baseline) continue;
    const auto& baseline = experiment.baseline_of(arm);
    if (const auto outputs = test_outputs(directory(arm), directory(baseline), corpora)) {
      if (auto test = test_items(*outputs, metric)) comparison->items.push_back(std::move(*test));
      for (auto& example : differing_examples(*outputs, metric, arm.name, baseline.name, 2))
        findings.examples.push_back(std::move(example));
    }
    ++comparison;
  }
}

// Name and value of what the runs' results rest on; values that differ between runs are all shown.
void add_provenance(const std::vector<PlannedRun>& plan, const Experiment& experiment, Findings& findings) {
  std::vector<std::pair<std::string, std::set<std::string>>> facts;
  const auto add = [&](const std::string& name, const json& value) {
    auto fact = std::find_if(facts.begin(), facts.end(), [&](const auto& known) { return known.first == name; });
    if (fact == facts.end()) fact = facts.insert(facts.end(), {name, {}});
    fact->second.insert(value.is_string() ? value.get<std::string>() : value.dump());
  };
  for (const auto& run : plan) {
    if (!std::filesystem::exists(run.directory / "provenance.json")) continue;
    const auto provenance = read_provenance(run.directory);
    for (const char* name : {"version", "commit", "libtorch", "cpu", "cores"}) {
      if (provenance.contains(name)) add(name, provenance.at(name));
    }
    add("loaded", loaded_files_text(provenance));
    for (const auto& [split, hash] : provenance.at("data").items()) add("data, " + split, hash);
    add("tokenizer", provenance.at("tokenizer").at("hash"));
  }
  findings.provenance.emplace_back("experiment", experiment.file.string());
  findings.provenance.emplace_back("base config", std::filesystem::proximate(experiment.options.base.value).string());
  findings.provenance.emplace_back("seeds", "1 to " + std::to_string(experiment.options.seeds));
  for (const auto& [name, values] : facts) {
    std::string text;
    for (const auto& value : values) text += (text.empty() ? "" : "; ") + value;
    findings.provenance.emplace_back(name, text);
  }
}

}  // namespace

Findings conclude(const Experiment& experiment, const std::filesystem::path& runs, const std::vector<ArmCheck>& checks, ArmData& data) {
  const auto& options = experiment.options;
  const auto plan = plan_runs(experiment, runs);
  Findings findings;
  findings.name = experiment.name;
  findings.question = options.question;
  findings.metric = options.metric;
  findings.at = options.at;
  findings.also = options.also;
  findings.axis = options.compare.axis;
  findings.test = options.statistics.test;
  findings.level = options.statistics.level;
  findings.margin = options.equivalence_margin;
  findings.curve_metric = curve_metric(options);

  const auto config = arm_config(experiment, experiment.arms.front(), 1).config;
  const auto metrics = build_all(config.validation.metrics);
  const auto metric_named = [&](const std::string& name) {
    return *std::find_if(metrics.begin(), metrics.end(), [&](const auto& metric) { return metric->name() == parse_metric(name).metric; });
  };
  findings.higher_is_better = metric_named(options.metric)->higher_is_better();
  findings.signatures.push_back(options.metric + ": " + metric_named(options.metric)->signature());
  for (const auto& name : options.also) findings.signatures.push_back(name + ": " + metric_named(name)->signature());

  Outcomes outcomes;
  for (const auto& run : plan) {
    outcomes[run.arm].push_back(read_outcome(run.directory, arm_config(experiment, *run.arm, run.seed).config, options));
  }
  for (const auto& check : checks) findings.arms.push_back(describe(check, outcomes.at(check.arm), plan));
  std::vector<std::pair<std::string, std::vector<Outcome>>> by_arm;
  for (const auto& arm : experiment.arms) by_arm.emplace_back(arm.name, outcomes.at(&arm));
  findings.profiles = probe_profiles(by_arm);
  if (!options.compare.axis.empty()) {
    Looks looks(experiment, runs / experiment.name);
    decide(experiment, outcomes, looks, findings);
  }
  add_item_evidence(experiment, plan, data, findings);
  add_provenance(plan, experiment, findings);
  return findings;
}

}  // namespace sublayer::experiment
