#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "src/app/command.h"
#include "src/experiment/experiment.h"

namespace sublayer::app {

void add_schema(CLI::App& program) {
  auto* command = program.add_subcommand("schema", "Print a JSON Schema of configs; editors complete and check YAML with it");
  auto is_of_experiments = std::make_shared<bool>(false);
  command->add_flag("--experiment", *is_of_experiments, "that of experiments");
  command->footer("Example: sublayer schema > sublayer.schema.json");
  command->callback([is_of_experiments] {
    nlohmann::json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}};
    if (*is_of_experiments) {
      schema["title"] = "Sublayer experiment";
      config::schema(experiment::ExperimentOptions(), schema);
    } else {
      schema["title"] = "Sublayer config";
      config::schema(experiment::RunConfig(), schema);
      schema["properties"]["base"] = {{"type", "string"}, {"description", "another config that this one is laid over"}};
    }
    std::printf("%s\n", schema.dump(2).c_str());
  });
}

}  // namespace sublayer::app
