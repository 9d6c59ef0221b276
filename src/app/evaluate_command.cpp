#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/run_arguments.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/experiment/evaluation.h"
#include "src/experiment/item_evidence.h"

namespace sublayer::app {
namespace {

struct EvaluateArguments {
  RunArguments run;
  std::string split = "test", output;
  std::vector<std::string> metrics;
  bool is_by_length = false, is_json = false;
};

task::Split split_of(const std::string& name) {
  return name == "train" ? task::Split::train : name == "valid" ? task::Split::valid : task::Split::test;
}

std::vector<std::shared_ptr<metric::Metric>> metrics_of(const EvaluateArguments& given, const experiment::RunConfig& config) {
  if (given.metrics.empty()) return experiment::build_all(config.validation.metrics);
  std::vector<std::shared_ptr<metric::Metric>> metrics;
  for (const auto& text : given.metrics) metrics.push_back(experiment::metric_of(text, "--metric " + text));
  return metrics;
}

// A metric within groups of the split, by the length of the source.
struct LengthTable {
  std::string metric;
  std::vector<std::pair<std::string, double>> groups;  // "1-5" characters, score
};

std::vector<LengthTable> length_tables(const std::vector<std::shared_ptr<metric::Metric>>& metrics, const task::Corpus& corpus,
                                       const std::vector<std::string>& hypotheses) {
  std::vector<std::string> sources, references;
  for (const auto& example : corpus.examples) {
    sources.push_back(example.source);
    references.push_back(example.target);
  }
  std::vector<LengthTable> tables;
  for (const auto& metric : metrics) {
    if (!metric->is_made_of_counts()) continue;
    tables.push_back({metric->name(), experiment::scores_by_length(sources, references, hypotheses, *metric)});
  }
  return tables;
}

nlohmann::json json_of(const LengthTable& table) {
  nlohmann::json groups = nlohmann::json::array();
  for (const auto& [length, value] : table.groups) groups.push_back({{"source_characters", length}, {"value", value}});
  return {{"metric", table.metric}, {"groups", groups}};
}

void print(const std::vector<LengthTable>& tables) {
  std::printf("%-16s", "by source length");  // in characters; the groups are the same for every metric
  for (const auto& group : tables.front().groups) std::printf(" %10s", group.first.c_str());
  std::printf("\n");
  for (const auto& table : tables) {
    std::printf("%-16s", table.metric.c_str());
    for (const auto& group : table.groups) std::printf(" %10.4f", group.second);
    std::printf("\n");
  }
}

void run(const EvaluateArguments& given) {
  const auto run = given.run.open();
  const auto corpus = run.config.task.build()->load(split_of(given.split));
  if (corpus.examples.empty()) throw DataError(given.run.directory + ": its task has no " + given.split + " split");
  std::vector<std::pair<std::string, int64_t>> none;
  const auto dataset = data::tokenize(corpus, run.tokenizers, data::LengthLimits::none(), none);
  auto settings = experiment::batch_settings(run.config, *run.model);
  if (isatty(STDERR_FILENO)) {
    settings.progress = [](int64_t done, int64_t all) {
      std::fprintf(stderr, "\r%lld / %lld sentences%s", static_cast<long long>(done), static_cast<long long>(all), done == all ? "\n" : "");
    };
  }
  const auto metrics = metrics_of(given, run.config);
  const bool has_counts = std::any_of(metrics.begin(), metrics.end(), [](const auto& metric) { return metric->is_made_of_counts(); });
  if (given.is_by_length && !has_counts)
    throw UserError("--by-length: none of the metrics is made of counts of hypotheses and references, as exact_match and bleu are");
  const auto evaluation = experiment::evaluate(*run.model, corpus, dataset, run.tokenizers, *run.config.search.build(), metrics, settings);
  if (!given.output.empty()) {
    std::string text;
    for (const auto& line : evaluation.hypotheses) text += line + "\n";
    write_file_durably(given.output, text);
  }
  nlohmann::json json = {{"run", given.run.directory},  {"checkpoint", run.weights},     {"split", given.split},
                         {"sentences", dataset.size()}, {"seconds", evaluation.seconds}, {"scores", nlohmann::json::array()}};
  for (const auto& score : evaluation.scores)
    json["scores"].push_back({{"metric", score.name}, {"value", score.value}, {"signature", score.signature}});
  const auto by_length = given.is_by_length ? length_tables(metrics, corpus, evaluation.hypotheses) : std::vector<LengthTable>();
  for (const auto& table : by_length) json["by_length"].push_back(json_of(table));
  if (given.is_json) {
    std::printf("%s\n", json.dump(2).c_str());
    return;
  }
  std::printf("%s, %s, %s split, %lld sentences, %.1f s\n", given.run.directory.c_str(), run.weights.c_str(), given.split.c_str(),
              static_cast<long long>(dataset.size()), evaluation.seconds);
  for (const auto& score : evaluation.scores) std::printf("%-16s %10.4f   %s\n", score.name.c_str(), score.value, score.signature.c_str());
  if (!by_length.empty()) print(by_length);
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
  command->add_flag("--by-length", given->is_by_length,
                    "also the metrics within four groups of the split, by the length of the source in characters");
  command->add_flag("--json", given->is_json, "print JSON");
  command->footer("Example: sublayer evaluate runs/multi30k_en_de --split test --metric bleu --output test.hyp");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
