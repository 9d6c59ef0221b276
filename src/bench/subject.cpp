#include "src/bench/subject.h"

#include <filesystem>

#include "src/core/clock.h"
#include "src/core/errors.h"
#include "src/experiment/loaded_files.h"

namespace sublayer::bench {
namespace {

template <class Work>
auto timed(double& seconds, Work work) {
  const double start = steady_seconds();
  auto result = work();
  seconds += steady_seconds() - start;
  return result;
}

void read_data(Subject& subject) {
  const auto& config = subject.config;
  subject.corpora = timed(subject.data_seconds, [&] { return experiment::load_corpora(config); });
  if (!subject.is_run()) {
    subject.tokenizers = timed(subject.tokenizer_seconds, [&] { return experiment::tokenizers_of(config, subject.corpora); });
  }
  subject.sets = timed(subject.ids_seconds, [&] { return experiment::tokenize(subject.corpora, subject.tokenizers, config); });
}

}  // namespace

Subject open_subject(const std::string& given, const std::optional<std::string>& checkpoint, const std::vector<std::string>& overrides) {
  Subject subject;
  subject.given = given;
  subject.overrides = overrides;
  if (std::filesystem::is_directory(given)) {
    auto run = timed(subject.config_seconds, [&] { return experiment::open_run(given, checkpoint.value_or("best"), overrides); });
    subject.config = std::move(run.config);
    subject.tokenizers = std::move(run.tokenizers);
    subject.trained = std::move(run.model);
    subject.weights = std::move(run.weights);
  } else {
    if (checkpoint) throw ConfigError("--checkpoint is of a run, and " + given + " is no directory of one");
    subject.config = timed(subject.config_seconds, [&] { return experiment::load_config(given, overrides).config; });
  }
  read_data(subject);
  return subject;
}

std::shared_ptr<search::Search> search_with(const Subject& subject, const std::vector<std::string>& overrides) {
  auto all = subject.overrides;
  all.insert(all.end(), overrides.begin(), overrides.end());
  const std::filesystem::path given = subject.given;
  const auto loaded =
      subject.is_run() ? experiment::load_config_of(given, given / "config.yaml", all) : experiment::load_config(given, all);
  return loaded.config.search.build();
}

}  // namespace sublayer::bench
