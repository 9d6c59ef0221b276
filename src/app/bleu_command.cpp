#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "src/app/command.h"
#include "src/app/output_files.h"
#include "src/core/errors.h"
#include "src/core/line_reader.h"
#include "src/evaluation/bleu_report.h"
#include "src/experiment/evaluation.h"

namespace sublayer::app {
namespace {

struct BleuArguments {
  OutputFiles files;
  evaluation::BleuOptions options;
  bool is_json_lines = false;
};

std::shared_ptr<metric::Metric> bleu_metric(const evaluation::BleuOptions& options) {
  const std::string lowercase = options.lowercase ? "true" : "false";
  return experiment::metric_of("{type: bleu, tokenize: " + options.tokenize + ", lowercase: " + lowercase + "}", "bleu");
}

void run(const BleuArguments& given) {
  try {
    if (given.is_json_lines) {
      evaluation::answer_bleu_requests(std::cin, std::cout);
      return;
    }
    if (given.files.hypotheses.empty() || given.files.references.empty())
      throw UserError("bleu: --hypotheses and --references are needed, or --json-lines");
    const auto hypotheses = read_lines(given.files.hypotheses), references = read_lines(given.files.references);
    const evaluation::Bleu bleu(given.options);
    const evaluation::Lines stream(references);
    auto report = evaluation::bleu_report(bleu, hypotheses, std::span(&stream, 1));
    if (!given.files.against.empty())
      report["against"] = difference_from_other(given.files, hypotheses, references, *bleu_metric(given.options));
    std::printf("%s\n", report.dump(2).c_str());
  } catch (const std::invalid_argument& error) {
    throw UserError(std::string("bleu: ") + error.what());
  }
}

}  // namespace

void add_bleu(CLI::App& program) {
  auto* command = program.add_subcommand("bleu", "Score a file of hypotheses with BLEU, as sacreBLEU does");
  auto given = std::make_shared<BleuArguments>();
  given->files.add_to(*command);
  command->add_option("--tokenize", given->options.tokenize, "13a, zh, intl, char or none")->capture_default_str();
  command->add_flag("--lowercase", given->options.lowercase, "compare lower-cased text");
  command->add_flag("--json-lines", given->is_json_lines, "answer JSON requests of standard input, a corpus a line");
  command->footer("Example: sublayer bleu --hypotheses test.hyp --references test.de");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
