#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "src/experiment/run.h"

namespace sublayer::app {

// What every command on a trained run takes.
struct RunArguments {
  std::string directory, checkpoint = "best";
  std::vector<std::string> overrides;

  void add_to(CLI::App& command) {
    command.add_option("run", directory, "directory of a run, e.g. runs/reverse")->required();
    command.add_option("--checkpoint", checkpoint, "best, last, average, or a checkpoint's directory")->capture_default_str();
    command.add_option("--set", overrides, "override a run-time value such as search.beam_size=4 (may be repeated)")->take_all();
  }
  experiment::Run open() const { return experiment::open_run(directory, checkpoint, overrides); }
};

}  // namespace sublayer::app
