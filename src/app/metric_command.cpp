#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "src/app/command.h"
#include "src/app/output_files.h"
#include "src/core/errors.h"
#include "src/core/line_reader.h"
#include "src/experiment/evaluation.h"

namespace sublayer::app {
namespace {

struct MetricArguments {
  std::string metric;
  OutputFiles files;
  bool is_json_lines = false;
};

std::shared_ptr<metric::Metric> text_metric(const std::string& text) {
  auto metric = experiment::metric_of(text, "metric " + text);
  if (!metric->needs_hypotheses()) throw UserError("metric: " + metric->name() + " is of a model's probabilities, not of text");
  return metric;
}

nlohmann::json metric_report(const metric::Metric& metric, std::vector<std::string> hypotheses, std::vector<std::string> references) {
  metric::Evidence evidence;
  evidence.hypotheses = std::move(hypotheses);
  evidence.references = std::move(references);
  return {{"metric", metric.name()}, {"score", metric.score(evidence)}, {"signature", metric.signature()}};
}

// Many corpora in one process: each line is {"metric": "chrf", "hypotheses": ["..."], "references": ["..."]}, its answer a line.
void answer_metric_requests(std::istream& input, std::ostream& output) {
  const std::set<std::string> known = {"metric", "hypotheses", "references"};
  std::string line;
  for (int64_t number = 1; std::getline(input, line); ++number) {
    try {
      const auto request = nlohmann::json::parse(line);
      for (const auto& [key, value] : request.items()) {
        if (!known.contains(key)) throw UserError("unknown key '" + key + "'");
      }
      const auto metric = text_metric(request.at("metric").get<std::string>());
      output << metric_report(*metric, request.at("hypotheses"), request.at("references")).dump() << '\n';
    } catch (const std::exception& error) {
      throw UserError("metric: request " + std::to_string(number) + ": " + error.what());
    }
  }
}

void run(const MetricArguments& given) {
  if (given.is_json_lines) {
    answer_metric_requests(std::cin, std::cout);
    return;
  }
  if (given.metric.empty() || given.files.hypotheses.empty() || given.files.references.empty())
    throw UserError("metric: a metric, --hypotheses and --references are needed, or --json-lines");
  const auto metric = text_metric(given.metric);
  const auto hypotheses = read_lines(given.files.hypotheses), references = read_lines(given.files.references);
  auto report = metric_report(*metric, hypotheses, references);
  try {
    if (!given.files.against.empty()) report["against"] = difference_from_other(given.files, hypotheses, references, *metric);
  } catch (const std::invalid_argument& error) {
    throw UserError(given.files.against + ": " + error.what());
  }
  std::printf("%s\n", report.dump(2).c_str());
}

}  // namespace

void add_metric(CLI::App& program) {
  auto* command = program.add_subcommand("metric", "Score a file of hypotheses with any metric of text");
  auto given = std::make_shared<MetricArguments>();
  command->add_option("metric", given->metric, "chrf, '{type: chrf, word_order: 2}', edit_distance, ... (`sublayer list metric`)");
  given->files.add_to(*command);
  auto* json_lines = command->add_flag("--json-lines", given->is_json_lines, "answer JSON requests of standard input, a corpus a line");
  for (auto* option : command->get_options([&](const CLI::Option* option) { return option != json_lines; })) {
    if (option != command->get_help_ptr()) json_lines->excludes(option);
  }
  command->footer("Example: sublayer metric '{type: chrf, word_order: 2}' --hypotheses test.hyp --references test.de");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
