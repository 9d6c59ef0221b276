#include <unistd.h>

#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/usage.h"
#include "src/experiment/prepare.h"

namespace sublayer::app {
namespace {

struct PrepareArguments {
  std::string config, output;
  std::vector<std::string> overrides;
  int64_t shard_pairs = experiment::PrepareRequest().shard_pairs;
};

void run(const PrepareArguments& given) {
  auto loaded = experiment::load_config(given.config, given.overrides);
  for (const auto& line : loaded.log.dropped) std::fprintf(stderr, "note: %s\n", line.c_str());
  experiment::PrepareRequest request{std::move(loaded.config), given.output, given.shard_pairs};
  const bool is_terminal = isatty(STDERR_FILENO) == 1;
  if (is_terminal) {
    request.progress = [](int64_t pairs, int64_t shards) {
      std::fprintf(stderr, "\r%lld pairs in %lld shards", static_cast<long long>(pairs), static_cast<long long>(shards));
    };
  }
  const auto outcome = experiment::prepare(request);
  if (is_terminal) std::fprintf(stderr, "\r\033[K");
  int64_t pairs = 0, source_tokens = 0, target_tokens = 0;
  for (const auto& shard : outcome.manifest.shards) {
    pairs += shard.pairs;
    source_tokens += shard.source_tokens;
    target_tokens += shard.target_tokens;
  }
  std::fprintf(stderr, "%lld pairs, %lld source and %lld target tokens, in %zu shards", static_cast<long long>(pairs),
               static_cast<long long>(source_tokens), static_cast<long long>(target_tokens), outcome.manifest.shards.size());
  std::fprintf(stderr, outcome.kept_shards > 0 ? ", of which %lld were there already\n" : "\n",
               static_cast<long long>(outcome.kept_shards));
  for (const auto& [rule, count] : outcome.manifest.dropped)
    std::fprintf(stderr, "left out: %lld (%s)\n", static_cast<long long>(count), rule.c_str());
  std::printf("%s\n", given.output.c_str());
}

}  // namespace

void add_prepare(CLI::App& program) {
  auto* command = program.add_subcommand("prepare", "Tokenise the training text of a config once, for corpora larger than memory");
  auto given = std::make_shared<PrepareArguments>();
  command->add_option("config", given->config, "YAML file")->required();
  command->add_option("--output", given->output, "directory to fill; where a killed process left it unfinished, it is gone on with")
      ->required();
  command->add_option("--set", given->overrides, "override a value: key.path=value (may be repeated)")->take_all();
  command->add_option("--shard-pairs", given->shard_pairs, "pairs of text that become one file")->capture_default_str()->check(at_least(1));
  command->footer(
      "Example: sublayer prepare configs/multi30k_en_de.yaml --output prepared/multi30k\n"
      "         sublayer train configs/multi30k_en_de.yaml --set training.prepared=prepared/multi30k");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
