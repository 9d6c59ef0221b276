#include <cmath>
#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/core/errors.h"
#include "src/experiment/comparison.h"

namespace sublayer::app {
namespace {

struct CompareArguments {
  std::vector<std::string> runs;
  std::string metric = "valid.loss";
  double level = 0.05;
};

void print_group(const experiment::RunGroup& group, const std::string& metric, bool is_baseline) {
  std::printf("%s%s:", group.runs.front().directory.string().c_str(), is_baseline ? " (baseline)" : "");
  for (const auto& run : group.runs) {
    if (run.outcome.value)
      std::printf(" %.4f", *run.outcome.value);
    else
      std::printf(" diverged");
  }
  std::printf("  %s of %zu run%s\n", metric.c_str(), group.runs.size(), group.runs.size() == 1 ? "" : "s");
  for (const auto& line : group.differences) std::printf("  %s\n", line.c_str());
}

void run(const CompareArguments& given) {
  std::vector<experiment::StoredRun> runs;
  for (const auto& directory : given.runs) runs.push_back(experiment::read_stored_run(directory, given.metric));
  const auto groups = experiment::group_runs(std::move(runs));
  if (groups.size() < 2) throw UserError("all these runs are one arm with several seeds: nothing to compare");
  if (const auto reasons = experiment::obstacles(groups, given.metric); !reasons.empty()) {
    std::string text = given.metric + " of these runs cannot be compared";
    for (const auto& reason : reasons) text += "; " + reason;
    throw UserError(text);
  }
  const auto result = experiment::compare_groups(groups, given.metric, given.level);
  for (size_t i = 0; i < groups.size(); ++i) {
    print_group(groups[i], given.metric, i == 0);
    if (i > 0) std::printf("  against the baseline: %s\n", result.decisions[i - 1].sentence.c_str());
  }
  std::printf("%s t-test over seeds, level %g, Holm's correction over %zu comparison%s\n",
              result.test == statistics::Test::paired ? "paired" : "Welch's", given.level, result.decisions.size(),
              result.decisions.size() == 1 ? "" : "s");
}

}  // namespace

void add_compare(CLI::App& program) {
  auto* command = program.add_subcommand("compare", "Compare trained runs: arms are found by config, seeds make the test");
  auto given = std::make_shared<CompareArguments>();
  command->add_option("runs", given->runs, "directories of runs; those that differ in seeds only are one arm, the first is the baseline")
      ->required()
      ->expected(2, 10000);
  command->add_option("--metric", given->metric, "valid. or test. and the name of a metric")->capture_default_str();
  command->add_option("--level", given->level, "chance of a false claim over all comparisons")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 0.5));
  command->footer(
      "Example: sublayer compare runs/relu_1 runs/relu_2 runs/relu_3 runs/gelu_1 runs/gelu_2 runs/gelu_3 --metric test.bleu\n"
      "Scores that rest on other data, signatures, tokenizers or searches are refused. A sweep plans such a comparison beforehand.");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
