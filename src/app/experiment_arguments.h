#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "src/app/command_line.h"
#include "src/app/load_option.h"
#include "src/experiment/experiment.h"
#include "src/experiment/loaded_files.h"

namespace sublayer::app {

// What every command on an experiment takes.
struct ExperimentArguments {
  std::string file, runs = "runs";
  std::vector<std::string> overrides;

  void add_to(CLI::App& command) {
    command.add_option("experiment", file, "YAML file of an experiment")->required();
    command.add_option("--runs", runs, "directory that holds the runs of experiments")->capture_default_str();
    command.add_option("--set", overrides, "override a value of the experiment: key.path=value (may be repeated)")->take_all();
  }
  // The command with these arguments, as typed.
  std::string command_line(const std::string& command) const {
    std::string text = "sublayer " + command + " " + quoted(file) + load_text();
    if (runs != ExperimentArguments().runs) text += " --runs " + quoted(runs);
    for (const auto& override_ : overrides) text += " --set " + quoted(override_);
    return text;
  }
  experiment::Experiment load() const { return experiment::load_experiment_with(runs, file, overrides); }
};

}  // namespace sublayer::app
