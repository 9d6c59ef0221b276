#include "src/experiment/sweep.h"

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "src/core/errors.h"
#include "src/experiment/child_process.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/outcome.h"
#include "src/experiment/provenance.h"
#include "src/experiment/sweep_display.h"

namespace sublayer::experiment {
namespace {

constexpr int diverged_status = 3;  // of the program

struct ActiveRun {
  size_t index;  // in the plan
  ChildProcess process;
};

std::string last_line(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

std::string failure_of(int status, const std::filesystem::path& log) {
  const std::string how = status < 0 ? "killed by signal " + std::to_string(-status) : "exit status " + std::to_string(status);
  const std::string said = status < 0 ? "" : last_line(log);
  return how + (said.empty() ? "" : ": " + said);
}

}  // namespace

std::vector<PlannedRun> plan_runs(const Experiment& experiment, const std::filesystem::path& runs) {
  std::vector<PlannedRun> plan;
  for (int64_t seed = 1; seed <= experiment.options.seeds; ++seed) {
    for (const auto& arm : experiment.arms) {
      const auto folder = "seed_" + std::to_string(seed);
      plan.push_back({&arm, seed, runs / experiment.name / arm.name / folder, arm.name + "/" + folder});
    }
  }
  return plan;
}

void check_existing(const Experiment& experiment, const std::vector<PlannedRun>& plan) {
  for (const auto& run : plan) {
    if (!std::filesystem::exists(run.directory / "provenance.json")) continue;
    const auto stored = load_config_of(run.directory, run.directory / "config.yaml").config;
    auto list = identity_differences(arm_config(experiment, *run.arm, run.seed).config, stored);
    if (const auto changed = changed_loaded_file(read_provenance(run.directory)); !changed.empty()) list.push_back(changed);
    if (!list.empty()) {
      throw ConfigError(run.directory.string() + ": holds another run (given here, stored there): " + list.front() +
                        (list.size() > 1 ? "; and " + std::to_string(list.size() - 1) + " more" : "") +
                        ". Remove it, or choose another folder with --runs");
    }
  }
}

SweepResult sweep(const SweepRequest& request, const std::atomic<bool>& stop) {
  const auto& plan = request.plan;
  const auto& options = request.experiment.options;
  std::vector<RunConfig> configs;
  std::vector<Outcome> outcomes;
  std::vector<size_t> waiting;
  for (size_t i = 0; i < plan.size(); ++i) {
    configs.push_back(arm_config(request.experiment, *plan[i].arm, plan[i].seed).config);
    outcomes.push_back(read_outcome(plan[i].directory, configs[i], options));
    if (outcomes[i].status != RunStatus::done && outcomes[i].status != RunStatus::diverged) waiting.push_back(i);
  }
  SweepDisplay display(plan, options.metric);
  display.start(outcomes, static_cast<int64_t>(waiting.size()));

  SweepResult result;
  std::vector<ActiveRun> active;
  size_t next = 0;
  while (!active.empty() || (next < waiting.size() && !stop)) {
    while (!stop && next < waiting.size() && static_cast<int64_t>(active.size()) < request.jobs) {
      const size_t index = waiting[next++];
      std::filesystem::create_directories(plan[index].directory);
      record_failure(plan[index].directory, "");
      active.push_back({index, ChildProcess(request.command(plan[index]), plan[index].directory / "log.txt")});
      display.began(index);
    }
    if (stop && !result.was_interrupted) {
      result.was_interrupted = true;
      for (const auto& run : active) run.process.terminate();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    std::vector<ActiveRun> still;
    for (auto& run : active) {
      const auto& directory = plan[run.index].directory;
      const auto status = run.process.status();
      if (!status) {
        still.push_back(std::move(run));
        continue;
      }
      const bool was_stopped = stop && (*status > 128 || *status < 0);
      if (*status != 0 && *status != diverged_status && !was_stopped) {
        ++result.failed;
        record_failure(directory, failure_of(*status, directory / "log.txt"));
      }
      outcomes[run.index] = read_outcome(directory, configs[run.index], options);
      display.ended(run.index, outcomes[run.index]);
    }
    active.swap(still);
    if (display.is_due()) {
      for (const auto& run : active) outcomes[run.index] = read_outcome(plan[run.index].directory, configs[run.index], options);
      display.draw(outcomes);
    }
  }
  display.finish();
  return result;
}

}  // namespace sublayer::experiment
