#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/device.h"
#include "src/app/command.h"
#include "src/app/interrupt.h"
#include "src/app/usage.h"
#include "src/bench/decoding.h"
#include "src/bench/process.h"
#include "src/bench/start.h"
#include "src/bench/table.h"
#include "src/bench/training.h"
#include "src/core/clock.h"
#include "src/core/config/node.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/experiment/provenance.h"

namespace sublayer::app {
namespace {

const std::vector<std::string> all_parts = {"start", "training", "decoding"};

struct BenchArguments {
  std::string subject, checkpoint, json;
  std::vector<std::string> overrides, only;
  int64_t workers = 0;  // 0: the config's
  bench::TrainingPlan training;
  bench::DecodingPlan decoding;
  CLI::App* command = nullptr;

  bool includes(const std::string& part) const { return only.empty() || std::find(only.begin(), only.end(), part) != only.end(); }
};

// An option of a part that --only leaves out would be ignored.
void check_options(const BenchArguments& given) {
  const auto refuse = [&](const char* part, const std::vector<const char*>& options) {
    for (const char* option : options) {
      if (!given.includes(part) && given.command->count(option) > 0)
        throw UserError(std::string(option) + " is of " + part + ", which --only leaves out");
    }
  };
  refuse("training", {"--updates"});
  refuse("decoding", {"--checkpoint", "--split", "--sentences", "--single-sentences", "--beam-size"});
  if (!given.includes("training") && !given.includes("decoding") && given.command->count("--repeats") > 0)
    throw UserError("--repeats is of training and decoding, which --only leaves out");
  for (const auto& text : given.overrides) {
    const auto stated = config::parse_override(text);
    const auto* search = stated.find("search");
    if (search && (search->kind == config::Node::Kind::scalar || search->find("type")))
      throw UserError("search.type: bench decodes by greedy search and by beam search, whatever it is");
    if (search && search->find("max_length") && !std::filesystem::is_directory(given.subject))
      throw UserError("search.max_length: the targets of initial weights get the mean length of the split's; bench of a run takes it");
    if (search && search->find("beam_size")) throw UserError("search.beam_size: bench takes --beam-size, for configs without a beam too");
  }
}

nlohmann::json measure(const BenchArguments& given, const std::atomic<bool>& stop) {
  const double process_seconds = bench::process_seconds();
  auto checkpoint = given.checkpoint.empty() ? std::optional<std::string>() : given.checkpoint;
  const auto subject = bench::open_subject(given.subject, checkpoint, given.overrides);
  auto asked = subject.config.training.workers;
  if (given.workers > 0) asked.value = given.workers;
  const int64_t workers = experiment::worker_count(asked, device_named(subject.config.device));
  nlohmann::json report = {
      {"subject", given.subject}, {"weights", subject.weights}, {"workers", workers}, {"build", experiment::describe_build()}};
  if (given.includes("start") || given.includes("training")) {
    const double start = steady_seconds();
    bench::TrainingLoop loop(subject, workers);
    if (given.includes("start")) {
      report["start"] = bench::measure_start(subject, process_seconds, steady_seconds() - start, loop, stop);
      if (subject.is_run()) report["run"] = bench::time_of_run(given.subject);
    }
    if (given.includes("training")) report["training"] = bench::measure_training(given.training, loop, stop);
  }
  if (given.includes("decoding")) report["decoding"] = bench::measure_decoding(given.decoding, subject, workers, stop);
  return report;
}

void run(const BenchArguments& given) {
  check_options(given);
  try {
    const auto report = measure(given, catch_interrupts());
    std::fputs(bench::table_of(report).c_str(), stdout);
    if (!given.json.empty()) write_file_durably(given.json, report.dump(2) + "\n");
  } catch (const bench::Interrupted&) {
    std::fprintf(stderr, "interrupted; nothing was written\n");
    exit_status = interrupted_status();
  }
}

}  // namespace

void add_bench(CLI::App& program) {
  auto* command = program.add_subcommand("bench", "Measure start, training and decoding on this machine, and where the time goes");
  auto given = std::make_shared<BenchArguments>();
  given->command = command;
  command->add_option("subject", given->subject, "YAML file of a config, or the directory of a run")->required();
  command->add_option("--set", given->overrides, "override a value: key.path=value (may be repeated)")->take_all();
  command->add_option("--checkpoint", given->checkpoint, "of a run: best, last, average, or a checkpoint's directory; default: best");
  command->add_option("--only", given->only, "start, training or decoding (may be repeated); default: all")
      ->check(CLI::IsMember(all_parts))
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--workers", given->workers, "threads; default: training.workers. A GPU takes one")->check(at_least(1));
  command->add_option("--repeats", given->training.repeats, "measurements of each speed; their median is shown")
      ->capture_default_str()
      ->check(at_least(1));
  command->add_option("--updates", given->training.updates, "updates of each measurement; as many before the first are not timed")
      ->capture_default_str()
      ->check(at_least(1));
  command->add_option("--split", given->decoding.split, "valid or test; default: test, or valid where there is none")
      ->check(CLI::IsMember({"valid", "test"}));
  command->add_option("--sentences", given->decoding.sentences, "first ones of the split that are decoded in batches, at most")
      ->capture_default_str()
      ->check(at_least(1));
  command->add_option("--single-sentences", given->decoding.single_sentences, "the same, one by one by one worker")
      ->capture_default_str()
      ->check(at_least(1));
  command->add_option("--beam-size", given->decoding.beam_size, "of the beam search")->capture_default_str()->check(at_least(1));
  command->add_option("--json", given->json, "file to write all numbers to");
  command->footer(
      "Example: sublayer bench configs/multi30k_en_de.yaml --only training --set training.tokens_per_update=4096 --json bench.json\n"
      "Nothing else should run on the machine meanwhile. docs/measuring.md explains the numbers.");
  command->callback([given] {
    given->decoding.repeats = given->training.repeats;
    run(*given);
  });
}

}  // namespace sublayer::app
