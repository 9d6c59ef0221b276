#include <memory>

#include "src/app/command.h"
#include "src/app/conclusion_output.h"
#include "src/app/experiment_arguments.h"
#include "src/experiment/conclusion.h"

namespace sublayer::app {
namespace {

void run(const ExperimentArguments& given) {
  const auto experiment = given.load();
  const auto directory = std::filesystem::path(given.runs) / experiment.name;
  const experiment::TokenizerStore store(directory / "tokenizers");
  experiment::ArmData data(store);
  const auto checks = experiment::check_arms(experiment, data);
  write_conclusion(experiment::conclude(experiment, given.runs, checks, data), directory);
}

}  // namespace

void add_report(CLI::App& program) {
  auto* command = program.add_subcommand("report", "Write the report of an experiment from the runs that are there");
  auto given = std::make_shared<ExperimentArguments>();
  given->add_to(*command);
  command->footer("Example: sublayer report experiments/activation/experiment.yaml\nA sweep writes it at its end by itself.");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
