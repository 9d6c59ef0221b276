#include "src/app/output_files.h"

#include <nlohmann/json.hpp>

#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/core/line_reader.h"
#include "src/experiment/item_evidence.h"

namespace sublayer::app {

void OutputFiles::add_to(CLI::App& command) {
  command.add_option("--hypotheses", hypotheses, "a segment a line");
  command.add_option("--references", references, "a segment a line");
  command.add_option("--against", against,
                     "hypotheses of another system: paired bootstrap (95 % interval) and approximate randomisation of the difference");
  command.add_option("--resamples", resamples, "of either")->capture_default_str()->check(at_least(1));
}

nlohmann::json difference_from_other(const OutputFiles& files, const std::vector<std::string>& hypotheses,
                                     const std::vector<std::string>& references, const metric::Metric& metric) {
  const auto others = read_lines(files.against);
  if (others.size() != hypotheses.size()) {
    throw UserError(metric.name() + ": " + files.against + " has " + std::to_string(others.size()) + " lines, " + files.hypotheses +
                    " has " + std::to_string(hypotheses.size()));
  }
  const auto test = experiment::test_items({{}, references, hypotheses, others}, metric, files.resamples);
  if (!test) throw UserError(metric.name() + ": it is not made of counts of the items, so --against cannot resample them");
  return {{"difference", test->difference},
          {"bootstrap", {{"low", test->bootstrap.low}, {"high", test->bootstrap.high}, {"p", test->p_bootstrap}}},
          {"randomisation", {{"p", test->p}}},
          {"resamples", files.resamples}};
}

}  // namespace sublayer::app
