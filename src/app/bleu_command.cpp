#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "src/app/command.h"
#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/core/line_reader.h"
#include "src/evaluation/bleu_report.h"
#include "src/experiment/item_evidence.h"

namespace sublayer::app {
namespace {

struct BleuArguments {
  std::string hypotheses, references, against;
  int64_t resamples = 1000;
  evaluation::BleuOptions options;
  bool is_json_lines = false;
};

// How sure one may be, from the test items alone, that the hypotheses are better or worse than those of another system.
nlohmann::json comparison(const BleuArguments& given, const std::vector<std::string>& hypotheses,
                          const std::vector<std::string>& references) {
  const auto others = read_lines(given.against);
  if (others.size() != hypotheses.size()) {
    throw UserError("bleu: " + given.against + " has " + std::to_string(others.size()) + " lines, " + given.hypotheses + " has " +
                    std::to_string(hypotheses.size()));
  }
  Choice<metric::Metric> metric = "bleu";
  config::ReadLog log;
  const std::string options =
      "{type: bleu, tokenize: " + given.options.tokenize + ", lowercase: " + (given.options.lowercase ? "true" : "false") + "}";
  config::bind(metric)->read(config::parse_text(options, "bleu"), {"bleu", &log});
  const auto test = *experiment::test_items({{}, references, hypotheses, others}, *metric.build(), given.resamples);
  return {{"difference", test.difference},
          {"bootstrap", {{"low", test.bootstrap.low}, {"high", test.bootstrap.high}, {"p", test.p_bootstrap}}},
          {"randomisation", {{"p", test.p}}},
          {"resamples", given.resamples}};
}

void run(const BleuArguments& given) {
  try {
    if (given.is_json_lines) {
      evaluation::answer_bleu_requests(std::cin, std::cout);
      return;
    }
    if (given.hypotheses.empty() || given.references.empty())
      throw UserError("bleu: --hypotheses and --references are needed, or --json-lines");
    const auto hypotheses = read_lines(given.hypotheses), references = read_lines(given.references);
    const evaluation::Bleu bleu(given.options);
    const evaluation::Lines stream(references);
    auto report = evaluation::bleu_report(bleu, hypotheses, std::span(&stream, 1));
    if (!given.against.empty()) report["against"] = comparison(given, hypotheses, references);
    std::printf("%s\n", report.dump(2).c_str());
  } catch (const std::invalid_argument& error) {
    throw UserError(std::string("bleu: ") + error.what());
  }
}

}  // namespace

void add_bleu(CLI::App& program) {
  auto* command = program.add_subcommand("bleu", "Score a file of hypotheses with BLEU, as sacreBLEU does");
  auto given = std::make_shared<BleuArguments>();
  command->add_option("--hypotheses", given->hypotheses, "a segment a line");
  command->add_option("--references", given->references, "a segment a line");
  command->add_option("--against", given->against,
                      "hypotheses of another system: paired bootstrap (95 % interval) and approximate randomisation of the difference");
  command->add_option("--resamples", given->resamples, "of either")->capture_default_str()->check(at_least(1));
  command->add_option("--tokenize", given->options.tokenize, "13a, zh, intl, char or none")->capture_default_str();
  command->add_flag("--lowercase", given->options.lowercase, "compare lower-cased text");
  command->add_flag("--json-lines", given->is_json_lines, "answer JSON requests of standard input, a corpus a line");
  command->footer("Example: sublayer bleu --hypotheses test.hyp --references test.de");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
