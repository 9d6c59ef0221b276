#include <algorithm>
#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/conclusion_output.h"
#include "src/app/experiment_arguments.h"
#include "src/app/interrupt.h"
#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/core/hash.h"
#include "src/core/variant_file.h"
#include "src/core/worker_pool.h"
#include "src/experiment/conclusion.h"
#include "src/experiment/directory_lock.h"
#include "src/experiment/looks.h"
#include "src/experiment/sweep.h"
#include "src/experiment/train.h"
#include "src/experiment/trial.h"
#include "src/training/progress.h"

namespace sublayer::app {
namespace {

using experiment::ArmCheck;
using experiment::Experiment;

struct SweepArguments : ExperimentArguments {
  int64_t jobs = 0;
  bool is_dry_run = false;
  std::string only;      // one run: "gelu/seed_2"
  int64_t workers = 0;   // of that run
  std::string expected;  // fingerprint of what the sweep that started it read
};

void print_checks(const Experiment& experiment, const std::vector<ArmCheck>& checks) {
  for (const auto& check : checks) {
    const auto& baseline = experiment.options.compare.axis.empty() ? experiment.arms.front() : experiment.baseline_of(*check.arm);
    std::fprintf(stderr, "%s%s: %lld parameters, %.4g MFLOPs forward per token pair\n", check.arm->name.c_str(),
                 check.arm == &baseline ? " (baseline)" : "", static_cast<long long>(check.parameters), check.flops / 1e6);
    for (const auto& line : check.config_differences) std::fprintf(stderr, "  %s\n", line.c_str());
    for (const auto& line : check.notes) std::fprintf(stderr, "  note: %s\n", line.c_str());
    for (const auto& line : check.confounds) std::fprintf(stderr, "  beyond the axis: %s\n", line.c_str());
    if (experiment.options.strict && !check.confounds.empty())
      throw ConfigError(experiment.file.string() + ": strict: arm '" + check.arm->name +
                        "' differs from its baseline in more than the axis: " + check.confounds.front());
  }
}

// Updates and tokens of one run; the other limits of a training are left out of the estimate.
double tokens_of(const experiment::RunConfig& config, const experiment::Trial& trial, const experiment::Datasets& sets) {
  const auto& training = config.training;
  double tokens = 0;
  const auto consider = [&](double limit) { tokens = limit > 0 && (tokens == 0 || limit < tokens) ? limit : tokens; };
  consider(static_cast<double>(training.max_tokens));
  consider(static_cast<double>(training.max_updates) * trial.tokens_per_update);
  const int64_t epoch = sets.train.source.tokens() + sets.train.target.tokens() + 2 * sets.train.size();  // end symbols count
  consider(static_cast<double>(training.max_epochs) * static_cast<double>(epoch));
  return tokens;
}

// What a sweep would do and cost.
void print_estimates(const Experiment& experiment, experiment::ArmData& data, int64_t jobs) {
  constexpr int64_t tried_updates = 3;
  std::printf("%-24s %6s %12s %12s %10s\n", "arm", "seeds", "tokens/s", "time a run", "memory");
  double all = 0;
  for (const auto& arm : experiment.arms) {
    const auto config = experiment::arm_config(experiment, arm, 1).config;
    const auto& loaded = data.of(config);
    const auto trial = experiment::try_updates(config, loaded.sets, loaded.tokenizers, tried_updates);
    const double seconds = trial.tokens_per_second > 0 ? tokens_of(config, trial, loaded.sets) / trial.tokens_per_second : 0;
    all += seconds * static_cast<double>(experiment.options.seeds);
    std::printf("%-24s %6lld %12.0f %12s %7.0f MB\n", arm.name.c_str(), static_cast<long long>(experiment.options.seeds),
                trial.tokens_per_second, training::clock_text(seconds).c_str(), trial.peak_bytes / 1e6);
  }
  std::printf("about %s with --jobs %lld, beside validation and test; measured with %lld updates of each arm on one thread\n",
              training::clock_text(all / static_cast<double>(jobs)).c_str(), static_cast<long long>(jobs),
              static_cast<long long>(tried_updates));
}

const experiment::PlannedRun& find_run(const std::vector<experiment::PlannedRun>& plan, const std::string& label) {
  for (const auto& run : plan) {
    if (run.label == label) return run;
  }
  throw UserError("--only " + label + ": no such run; they are named like " + plan.front().label);
}

// Of the config of a run and of the files with variants that it is trained with.
std::string fingerprint_of(const Experiment& experiment, const experiment::PlannedRun& run) {
  std::string text = config::to_yaml(config::write(experiment::arm_config(experiment, *run.arm, run.seed).config, false));
  for (const auto& file : loaded_variant_files()) text += file.hash;
  return hash_bytes(text);
}

// One run of the experiment, here and now: what a sweep starts for each, and what a batch system may start.
void run_one(const SweepArguments& given, const Experiment& experiment) {
  const auto plan = experiment::plan_runs(experiment, given.runs);
  const auto& run = find_run(plan, given.only);
  if (!given.expected.empty() && fingerprint_of(experiment, run) != given.expected)
    throw UserError(given.file +
                    ": what this experiment trains, or a file given with --load, was changed since the sweep began; start the sweep again");
  auto config = experiment::arm_config(experiment, *run.arm, run.seed).config;
  if (given.workers > 0) config.training.workers.value = given.workers;
  const bool exists = std::filesystem::exists(run.directory / "provenance.json");
  const auto store = std::filesystem::path(given.runs) / experiment.name / "tokenizers";
  const experiment::TrainRequest request{std::move(config), run.directory, exists,
                                         given.command_line("sweep") + " --only " + quoted(given.only), experiment::TokenizerStore(store)};
  if (experiment::train(request, catch_interrupts()) == "interrupted") exit_status = interrupted_status();
}

void run(const SweepArguments& given) {
  const auto experiment = given.load();
  if (!given.only.empty()) return run_one(given, experiment);
  const auto directory = std::filesystem::path(given.runs) / experiment.name;
  if (!experiment.options.compare.axis.empty()) experiment::Looks(experiment, directory);  // refuses what a verdict would refuse
  const auto plan = experiment::plan_runs(experiment, given.runs);
  experiment::check_existing(experiment, plan);
  const int64_t cores = available_cores();
  const int64_t jobs = given.jobs > 0 ? given.jobs : std::min(cores, static_cast<int64_t>(plan.size()));

  const experiment::DirectoryLock lock(directory, "another sweep is training this experiment");
  const experiment::TokenizerStore store(directory / "tokenizers");
  experiment::ArmData data(store);
  const auto checks = experiment::check_arms(experiment, data);
  print_checks(experiment, checks);
  if (given.is_dry_run) return print_estimates(experiment, data, jobs);

  const auto command = [&](const experiment::PlannedRun& planned) {
    std::vector<std::string> words = {"/proc/self/exe", "sweep", given.file, "--runs", given.runs, "--only", planned.label};
    words.insert(words.end(), {"--workers", std::to_string(std::max<int64_t>(1, cores / jobs))});
    words.insert(words.end(), {"--expect", fingerprint_of(experiment, planned)});
    const auto load = load_words();
    words.insert(words.end(), load.begin(), load.end());
    for (const auto& override_ : given.overrides) words.insert(words.end(), {"--set", override_});
    return words;
  };
  const auto result = experiment::sweep({experiment, plan, jobs, command}, catch_interrupts());
  if (result.was_interrupted) {
    std::fprintf(stderr, "interrupted; the same command goes on where it was\n");
    exit_status = interrupted_status();
    return;
  }
  write_conclusion(experiment::conclude(experiment, given.runs, checks, data), directory);
  if (result.failed > 0) {
    std::fprintf(stderr, "%lld of %zu runs failed; each says why in its log.txt, and the same command tries them again\n",
                 static_cast<long long>(result.failed), plan.size());
    exit_status = 1;
  }
}

}  // namespace

void add_sweep(CLI::App& program) {
  auto* command = program.add_subcommand("sweep", "Train all arms and seeds of an experiment, and say what they answer");
  auto given = std::make_shared<SweepArguments>();
  given->add_to(*command);
  command->add_option("--jobs", given->jobs, "runs that train side by side (default: one per core)")->check(at_least(1));
  command->add_flag("--dry-run", given->is_dry_run, "train nothing: show arms, what differs between them, time and memory");
  command->add_option("--only", given->only, "train a single run in this process, e.g. gelu/seed_2");
  command->add_option("--workers", given->workers, "threads of that run")->check(at_least(1))->needs("--only");
  command
      ->add_option("--expect", given->expected, "fingerprint of that run, by which a sweep makes sure that it trains what the sweep read")
      ->needs("--only");
  command->footer(
      "Example: sublayer sweep experiments/activation/experiment.yaml --jobs 2\n"
      "Killed or interrupted, the same command goes on where it was. Exit status 1: some run failed; the others were reported.");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
