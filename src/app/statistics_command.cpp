#include <iostream>
#include <nlohmann/json.hpp>

#include "src/app/command.h"
#include "src/core/errors.h"
#include "src/evaluation/statistics/decision_json.h"

namespace sublayer::app {
namespace {

void answer_standard_input() {
  try {
    std::cout << statistics::answer_statistics_request(nlohmann::json::parse(std::cin)).dump(2) << '\n';
  } catch (const nlohmann::json::parse_error& error) {
    throw UserError(std::string("statistics: standard input is not JSON: ") + error.what());
  } catch (const std::invalid_argument& error) {
    throw UserError(std::string("statistics: ") + error.what());
  }
}

}  // namespace

void add_statistics(CLI::App& program) {
  auto* command = program.add_subcommand(
      "statistics",
      "Decide whether arms differ from a baseline: reads final values per seed as JSON on standard input, writes the decisions as JSON.\n"
      "null stands for a run that diverged. Keys of \"design\": test (paired or welch), level, next_level, margin, higher_is_better.\n"
      "A list of such requests is answered with a list.");
  command->footer(
      "Example: echo '{\"comparisons\": [{\"arm\": [2.31, 2.29, 2.33], \"baseline\": [2.41, 2.38, 2.44]}], \"design\": {\"margin\": "
      "0.01}}' | "
      "sublayer statistics");
  command->callback(answer_standard_input);
}

}  // namespace sublayer::app
