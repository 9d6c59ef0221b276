#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/experiment/run_config.h"
#include "src/training/checkpoint.h"

namespace sublayer::app {
namespace {

struct AverageArguments {
  std::string directory;
  int64_t last = 0;
};

void run(const AverageArguments& given) {
  const std::filesystem::path run = given.directory;
  if (!std::filesystem::exists(run / "config.yaml")) throw DataError(given.directory + ": no run: it has no config.yaml");
  auto list = training::CheckpointStore(run).list();
  if (list.empty()) throw DataError(given.directory + ": no checkpoint to average");
  if (given.last > static_cast<int64_t>(list.size())) {
    throw DataError(given.directory + ": holds " + std::to_string(list.size()) + " checkpoints, not " + std::to_string(given.last) +
                    "; raise checkpoint.keep_last when training");
  }
  if (given.last > 0) list.erase(list.begin(), list.end() - given.last);
  training::average_checkpoints(list, run / "average");
  std::string updates;
  for (const auto& checkpoint : list) updates += " " + std::to_string(checkpoint.update);
  std::printf("%s: mean of updates%s; use it with --checkpoint average\n", (run / "average" / "model.safetensors").c_str(),
              updates.c_str());
}

}  // namespace

void add_average(CLI::App& program) {
  auto* command = program.add_subcommand("average", "Average the weights of a run's latest checkpoints");
  auto given = std::make_shared<AverageArguments>();
  command->add_option("run", given->directory, "directory of a run")->required();
  command->add_option("--last", given->last, "how many of the latest checkpoints; 0: all that were kept")
      ->capture_default_str()
      ->check(at_least(0));
  command->footer("Example: sublayer average runs/multi30k_tiny_en_de --last 10");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
