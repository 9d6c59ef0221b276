#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/command_line.h"
#include "src/app/interrupt.h"
#include "src/app/load_option.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/train.h"

namespace sublayer::app {
namespace {

struct TrainArguments {
  std::string config, name, runs = "runs";
  std::vector<std::string> overrides;
  bool resume = false;
};

std::string joined_command_line(const TrainArguments& given) {
  std::string text = "sublayer train " + quoted(given.config) + load_text();
  if (!given.name.empty()) text += " --name " + quoted(given.name);
  if (given.runs != TrainArguments().runs) text += " --runs " + quoted(given.runs);
  for (const auto& override_ : given.overrides) text += " --set " + quoted(override_);
  return text;
}

void run(const TrainArguments& given) {
  const std::string name = given.name.empty() ? std::filesystem::path(given.config).stem().string() : given.name;
  const auto directory = std::filesystem::path(given.runs) / name;
  auto loaded = experiment::load_config_of(directory, given.config, given.overrides);
  for (const auto& line : loaded.log.dropped) std::fprintf(stderr, "note: %s\n", line.c_str());
  experiment::TrainRequest request{std::move(loaded.config), directory, given.resume, joined_command_line(given), std::nullopt};
  const std::string end = experiment::train(request, catch_interrupts());
  if (end == "interrupted") {
    std::fprintf(stderr, "interrupted; a checkpoint was written. Go on with: %s --resume\n", joined_command_line(given).c_str());
    exit_status = interrupted_status();
    return;
  }
  std::printf("%s\n", request.directory.string().c_str());
}

}  // namespace

int exit_status = 0;

void add_train(CLI::App& program) {
  auto* command = program.add_subcommand("train", "Train the model of a config");
  auto given = std::make_shared<TrainArguments>();
  command->add_option("config", given->config, "YAML file")->required();
  command->add_option("--name", given->name, "name of the run (default: that of the file)");
  command->add_option("--runs", given->runs, "directory that holds the runs")->capture_default_str();
  command->add_option("--set", given->overrides, "override a value: key.path=value (may be repeated)")->take_all();
  command->add_flag("--resume", given->resume, "go on from the run's last checkpoint");
  command->footer("Example: sublayer train configs/reverse.yaml --name pre_gelu --set model.layer.feed_forward.activation=gelu");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
