#include <unistd.h>

#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/run_arguments.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/experiment/evaluation.h"

namespace sublayer::app {
namespace {

struct EvaluateArguments {
  RunArguments run;
  std::string split = "test", output;
  std::vector<std::string> metrics;
  bool is_json = false;
};

task::Split split_of(const std::string& name) {
  return name == "train" ? task::Split::train : name == "valid" ? task::Split::valid : task::Split::test;
}

std::vector<std::shared_ptr<metric::Metric>> metrics_of(const EvaluateArguments& given, const experiment::RunConfig& config) {
  if (given.metrics.empty()) return experiment::build_all(config.validation.metrics);
  std::vector<std::shared_ptr<metric::Metric>> metrics;
  for (const auto& text : given.metrics) {
    Choice<metric::Metric> choice;
    config::ReadLog log;
    config::Node node = config::parse_text("metric: " + text, "--metric " + text);
    config::bind(choice)->read(*node.find("metric"), {"metric", &log});
    metrics.push_back(choice.build());
  }
  return metrics;
}

void run(const EvaluateArguments& given) {
  const auto run = given.run.open();
  const auto corpus = run.config.task.build()->load(split_of(given.split));
  if (corpus.examples.empty()) throw DataError(given.run.directory + ": its task has no " + given.split + " split");
  std::vector<std::pair<std::string, int64_t>> none;
  const auto dataset = data::tokenize(corpus, run.tokenizers, data::LengthLimits::none(), none);
  decoding::BatchSettings settings{
      static_cast<int>(experiment::worker_count(run.config.training.workers)), run.config.validation.max_tokens_per_batch, {}};
  if (isatty(STDERR_FILENO)) {
    settings.progress = [](int64_t done, int64_t all) {
      std::fprintf(stderr, "\r%lld / %lld sentences%s", static_cast<long long>(done), static_cast<long long>(all), done == all ? "\n" : "");
    };
  }
  const auto evaluation = experiment::evaluate(*run.model, corpus, dataset, run.tokenizers, *run.config.search.build(),
                                               metrics_of(given, run.config), settings);
  if (!given.output.empty()) {
    std::string text;
    for (const auto& line : evaluation.hypotheses) text += line + "\n";
    write_file_durably(given.output, text);
  }
  nlohmann::json json = {{"run", given.run.directory},  {"checkpoint", run.weights},     {"split", given.split},
                         {"sentences", dataset.size()}, {"seconds", evaluation.seconds}, {"scores", nlohmann::json::array()}};
  for (const auto& score : evaluation.scores)
    json["scores"].push_back({{"metric", score.name}, {"value", score.value}, {"signature", score.signature}});
  if (given.is_json) {
    std::printf("%s\n", json.dump(2).c_str());
    return;
  }
  std::printf("%s, %s, %s split, %lld sentences, %.1f s\n", given.run.directory.c_str(), run.weights.c_str(), given.split.c_str(),
              static_cast<long long>(dataset.size()), evaluation.seconds);
  for (const auto& score : evaluation.scores) std::printf("%-16s %10.4f   %s\n", score.name.c_str(), score.value, score.signature.c_str());
}

}  // namespace

void add_evaluate(CLI::App& program) {
  auto* command = program.add_subcommand("evaluate", "Score a run on a split of its task");
  auto given = std::make_shared<EvaluateArguments>();
  given->run.add_to(*command);
  command->add_option("--split", given->split, "train, valid or test")
      ->capture_default_str()
      ->check(CLI::IsMember({"train", "valid", "test"}));
  command->add_option("--metric", given->metrics, "instead of the run's own metrics: bleu, '{type: bleu, tokenize: zh}' (may be repeated)")
      ->take_all();
  command->add_option("--output", given->output, "file for the hypotheses, one a line");
  command->add_flag("--json", given->is_json, "print JSON");
  command->footer("Example: sublayer evaluate runs/multi30k_en_de --split test --metric bleu --output test.hyp");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
