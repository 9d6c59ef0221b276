#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/run_arguments.h"
#include "src/core/errors.h"
#include "src/core/line_reader.h"
#include "src/core/utf8.h"
#include "src/decoding/scorer.h"

namespace sublayer::app {
namespace {

struct ScoreArguments {
  RunArguments run;
  std::string source, target;
  bool per_token = false;
};

std::vector<std::string> read_text(const std::string& file) {
  LineReader reader(file);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) {
    if (const auto byte = first_invalid_utf8(line)) reader.fail("invalid UTF-8 (byte " + std::to_string(*byte + 1) + " of the line)");
    lines.push_back(line);
  }
  return lines;
}

void run(const ScoreArguments& given) {
  const auto run = given.run.open();
  const auto sources = read_text(given.source), targets = read_text(given.target);
  if (sources.size() != targets.size()) {
    throw DataError(given.source + " has " + std::to_string(sources.size()) + " lines, " + given.target + " has " +
                    std::to_string(targets.size()) + ": a source and its target stand in the same line");
  }
  std::vector<std::vector<int64_t>> source_ids, target_ids;
  for (size_t i = 0; i < sources.size(); ++i) {
    source_ids.push_back(run.tokenizers.source->encode(sources[i]));
    target_ids.push_back(run.tokenizers.target->encode(targets[i]));
  }
  const data::Dataset dataset{source_ids, target_ids};
  const auto settings = experiment::batch_settings(run.config, *run.model);
  for (const auto& score : decoding::score_all(*run.model, dataset, settings)) {
    std::printf("%.6f", score.log_probability);
    if (given.per_token) {
      for (const float value : score.token_log_probabilities) std::printf("\t%.6f", value);
    }
    std::printf("\n");
  }
}

}  // namespace

void add_score(CLI::App& program) {
  auto* command = program.add_subcommand("score", "Print the log-probability of given targets, a line a pair");
  auto given = std::make_shared<ScoreArguments>();
  given->run.add_to(*command);
  command->add_option("--source", given->source, "file of sources, .gz too")->required();
  command->add_option("--target", given->target, "file of targets, aligned with it")->required();
  command->add_flag("--per-token", given->per_token, "add the log-probability of each token, end symbol last, separated by tabs");
  command->footer("Example: sublayer score runs/multi30k_en_de --source test.en --target test.de");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
