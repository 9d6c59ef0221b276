#include <algorithm>
#include <cstdio>
#include <memory>

#include "data/epoch.h"
#include "src/app/command.h"
#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/worker_pool.h"
#include "src/experiment/proposal.h"
#include "src/experiment/run_data.h"
#include "src/experiment/trial.h"
#include "src/training/progress.h"

namespace sublayer::app {
namespace {

struct NewArguments {
  std::string folder, data;
  int64_t source = 0, target = 0;
};

// The tokenizers of the config, with a smaller vocabulary where the text cannot fill the proposed one.
tokenizer::Tokenizers fitting_tokenizers(experiment::Proposal& proposal, experiment::RunConfig& config, const task::Corpus& train,
                                         const std::function<experiment::RunConfig()>& write) {
  constexpr int64_t smallest = 20;
  while (true) {
    try {
      return tokenizer::train_tokenizers(config.tokenizer, train);
    } catch (const UserError&) {
      if (proposal.vocabulary <= smallest) throw;
      proposal.vocabulary = std::max(smallest, proposal.vocabulary * 4 / 5);
      config = write();
    }
  }
}

void run(const NewArguments& given) {
  const std::filesystem::path folder = given.folder;
  if (std::filesystem::exists(folder)) throw UserError(folder.string() + ": exists already; choose another name");
  const auto stated = [](int64_t column) { return column > 0 ? std::optional<int64_t>(column) : std::nullopt; };
  const auto facts = experiment::inspect_table(given.data, stated(given.source), stated(given.target));
  auto proposal = experiment::propose(facts);

  std::filesystem::create_directories(folder);
  const auto config_file = folder / "config.yaml", experiment_file = folder / "experiment.yaml";
  const auto write = [&] {
    write_file_durably(config_file, experiment::config_text(proposal, facts, folder));
    return experiment::load_config(config_file).config;
  };
  auto config = write();
  const auto corpora = experiment::load_corpora(config);
  const int64_t proposed = proposal.vocabulary;
  const auto tokenizers = fitting_tokenizers(proposal, config, corpora.train, write);
  const auto sets = experiment::tokenize(corpora, tokenizers, config);

  for (const auto& line : facts.notes) std::printf("%s\n", line.c_str());
  std::printf("%lld pairs, %lld of them stand there twice; %lld lines without one of the texts are left out\n",
              static_cast<long long>(facts.pairs), static_cast<long long>(facts.duplicates), static_cast<long long>(facts.skipped));
  for (const auto& line : proposal.reasons) std::printf("%s\n", line.c_str());
  if (proposal.vocabulary < proposed)
    std::printf("vocabulary: %lld in the end, since the text cannot fill more\n", static_cast<long long>(proposal.vocabulary));

  constexpr int64_t tried_updates = 4;
  const auto trial = experiment::try_updates(config, sets, tokenizers, tried_updates);
  const data::Epoch first_epoch(sets.train, config.training.batching, Noise(config.seed.data)("order")(uint64_t{0}));
  const int64_t updates = std::ssize(first_epoch.plan(0)) * first_epoch.windows();
  const double epoch = static_cast<double>(updates) * trial.tokens_per_update / std::max(trial.tokens_per_second, 1.0);
  const int64_t budget = std::max<int64_t>(5 * updates, 20);
  write_file_durably(experiment_file, experiment::experiment_text(folder.filename().string(), budget));
  const auto cores = static_cast<double>(available_cores());
  const double all = epoch * static_cast<double>(proposal.epochs) / cores;
  const double sweep = epoch * static_cast<double>(budget) / static_cast<double>(std::max<int64_t>(updates, 1)) * 6 / cores;
  std::printf(
      "time: about %s for %lld epochs, %s for the experiment of 6 runs, beside validation; %.0f tokens/s on one thread in %lld updates\n\n",
      training::clock_text(all).c_str(), static_cast<long long>(proposal.epochs), training::clock_text(sweep).c_str(),
      trial.tokens_per_second, static_cast<long long>(tried_updates));
  std::printf("sublayer train %s --name %s\nsublayer sweep %s\n", config_file.string().c_str(), folder.filename().string().c_str(),
              experiment_file.string().c_str());
}

}  // namespace

void add_new(CLI::App& program) {
  auto* command = program.add_subcommand("new", "Propose a config and a first experiment for a table of sentence pairs");
  auto given = std::make_shared<NewArguments>();
  command->add_option("name", given->folder, "folder to make, for config.yaml and experiment.yaml")->required();
  command->add_option("--data", given->data, "sentence pairs, columns separated by tabs; plain or .gz")->required();
  command->add_option("--source", given->source, "column of the source, from 1 (default: the first that holds text)")->check(at_least(1));
  command->add_option("--target", given->target, "column of the target (default: the next)")->check(at_least(1));
  command->footer("Example: sublayer new mine --data pairs.tsv\nIt prints the commands that come next.");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
