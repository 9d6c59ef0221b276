#include <cstdio>
#include <nlohmann/json.hpp>

#include "src/app/command.h"
#include "src/experiment/run_config.h"

namespace sublayer::app {

void add_schema(CLI::App& program) {
  auto* command = program.add_subcommand("schema", "Print a JSON Schema of configs; editors complete and check YAML with it");
  command->footer("Example: sublayer schema > sublayer.schema.json");
  command->callback([] {
    nlohmann::json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Sublayer config"}};
    config::schema(experiment::RunConfig(), schema);
    schema["properties"]["base"] = {{"type", "string"}, {"description", "another config that this one is laid over"}};
    std::printf("%s\n", schema.dump(2).c_str());
  });
}

}  // namespace sublayer::app
