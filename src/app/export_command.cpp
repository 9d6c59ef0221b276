#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/run_arguments.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/suggest.h"
#include "src/export/format/format.h"

namespace sublayer::app {
namespace {

struct ExportArguments {
  RunArguments run;
  std::string format = "torchscript", output;
};

void run(const ExportArguments& given) {
  const auto& registry = Registry<format::Format>::instance();
  if (!registry.look_up(given.format))
    throw UserError("export: unknown format '" + given.format + "'." + suggest(given.format, registry.names()));
  const auto format = registry.find(given.format).build(*registry.find(given.format).make_options());
  auto arguments = given.run;
  arguments.overrides.push_back("device=cpu");
  auto run = arguments.open();
  format::ExportInput input{*run.model, experiment::sizes_of(run.tokenizers), {}};
  for (const char* name : {"config.yaml", "tokenizer.model", "source_tokenizer.model", "target_tokenizer.model"}) {
    if (std::filesystem::exists(run.directory / name)) input.extra_files[name] = read_file(run.directory / name);
  }
  const std::filesystem::path output = given.output.empty() ? run.directory / format->default_name() : std::filesystem::path(given.output);
  format->write(input, output);
  std::printf("%s: %s, %s, equal to the live model\n", output.c_str(), given.format.c_str(), run.weights.c_str());
}

}  // namespace

void add_export(CLI::App& program) {
  auto* command = program.add_subcommand("export", "Write a run's model as a file that other programs load");
  auto given = std::make_shared<ExportArguments>();
  given->run.add_to(*command);
  command->add_option("--format", given->format, "see `sublayer list format`")->capture_default_str();
  command->add_option("--output", given->output, "file to write (default: in the run's directory)");
  command->footer(
      "The file is made on the CPU, whatever `device` says, and can be moved to any device. Example: sublayer export runs/reverse --format "
      "torchscript --output model.pt");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
