#include "src/experiment/outcome.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/run.h"

namespace sublayer::experiment {
namespace {

using nlohmann::json;

constexpr const char* failure_file = "failure.json";

std::optional<double> number_in(const json& record, const std::string& name) {
  const auto found = record.find(name);
  if (found == record.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

struct Log {
  std::vector<json> validations, probes;
  json last_update;
};

// A record that a killed process left half written ends the reading.
Log read_log(const std::filesystem::path& file) {
  Log log;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    auto record = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (record.is_discarded()) break;
    if (record.value("event", "") == "valid") {
      log.validations.push_back(std::move(record));
    } else if (record.value("event", "") == "probe") {
      log.probes.push_back(std::move(record));
    } else if (record.value("event", "") == "train") {
      log.last_update = std::move(record);
    }
  }
  return log;
}

// The validation that `at` names: the best by the metric that ranks checkpoints, the earlier of equals, or the last.
const json* chosen_validation(const Log& log, const RunConfig& config, const std::string& at) {
  if (log.validations.empty()) return nullptr;
  if (at == "last") return &log.validations.back();
  const auto metric = config.validation.metrics.front().build();
  const json* best = nullptr;
  for (const auto& record : log.validations) {
    const auto value = number_in(record, metric->name());
    if (!value) continue;
    if (!best || (metric->higher_is_better() ? *value > best->at(metric->name()) : *value < best->at(metric->name()))) best = &record;
  }
  return best;
}

std::optional<double> score(const std::string& name, const json* validation, const json& result) {
  const auto [split, metric] = parse_metric(name);
  if (split == "valid") return validation ? number_in(*validation, metric) : std::nullopt;
  for (const auto& entry : result.at("scores")) {
    if (entry.at("metric") == metric && entry.at("split") == split) return number_in(entry, "value");
  }
  return std::nullopt;
}

double share_done(const json& record, const training::TrainingOptions& options) {
  double share = 0;
  const auto consider = [&](const char* name, double limit) {
    if (limit > 0) share = std::max(share, record.value(name, 0.0) / limit);
  };
  consider("update", static_cast<double>(options.max_updates));
  consider("tokens", static_cast<double>(options.max_tokens));
  consider("epoch", static_cast<double>(options.max_epochs));
  consider("seconds", options.max_minutes * 60);
  return std::min(share, 1.0);
}

bool has_same_end(const std::filesystem::path& directory, const RunConfig& config) {
  for (const auto& difference : differences(config, load_config_of(directory, directory / "config.yaml").config, false)) {
    if (difference.key.starts_with("training.max_")) return false;
  }
  return true;
}

// A loss that never went below the unigram model's means that nothing was learned from the context.
std::string divergence(const Log& log, const json& result) {
  if (result.value("end", "") == "diverged") return result.value("reason", "no longer finite");
  const auto unigram = number_in(result, "unigram_loss");
  bool has_loss = false;
  double best = INFINITY;
  for (const auto& record : log.validations) {
    if (const auto loss = number_in(record, "loss")) {
      best = std::min(best, *loss);
      has_loss = true;
    }
  }
  if (!unigram || !has_loss || best < *unigram) return "";
  char text[120];
  std::snprintf(text, sizeof text, "never better than a unigram model: best validation loss %.4f, unigram %.4f", best, *unigram);
  return text;
}

}  // namespace

const char* name_of(RunStatus status) {
  switch (status) {
    case RunStatus::absent:
      return "waiting";
    case RunStatus::unfinished:
      return "unfinished";
    case RunStatus::done:
      return "done";
    case RunStatus::diverged:
      return "diverged";
    case RunStatus::failed:
      return "failed";
  }
  return "";
}

std::string curve_metric(const ExperimentOptions& options) {
  return parse_metric(options.metric).split == "valid" ? options.metric : "valid.loss";
}

void record_failure(const std::filesystem::path& directory, const std::string& reason) {
  const auto file = directory / failure_file;
  if (reason.empty()) {
    std::filesystem::remove(file);
  } else {
    std::filesystem::create_directories(directory);
    write_file_durably(file, json{{"reason", reason}}.dump(2) + "\n");
  }
}

Outcome read_outcome(const std::filesystem::path& directory, const RunConfig& config, const ExperimentOptions& options) {
  Outcome outcome;
  outcome.also.resize(options.also.size());
  if (!std::filesystem::exists(directory / "provenance.json")) {
    if (std::filesystem::exists(directory / failure_file)) {
      outcome.status = RunStatus::failed;
      outcome.reason = json::parse(read_file(directory / failure_file)).value("reason", "");
    }
    return outcome;
  }
  const auto log = read_log(directory / "metrics.jsonl");
  const auto curve = parse_metric(curve_metric(options)).metric;
  for (const auto& record : log.validations) {
    if (const auto value = number_in(record, curve)) outcome.curve.push_back({record.value("update", int64_t{0}), *value});
  }
  for (const auto& record : log.probes) {
    for (const auto& [name, value] : record.items()) {
      if (value.is_number() && name.find('/') != std::string::npos)
        outcome.probes.push_back({record.value("update", int64_t{0}), name, value.get<double>()});
    }
  }
  if (!log.last_update.is_null()) {
    outcome.update = log.last_update.value("update", int64_t{0});
    outcome.loss = log.last_update.value("loss", 0.0);
    outcome.seconds = log.last_update.value("seconds", 0.0);
    outcome.share = share_done(log.last_update, config.training);
  }
  if (std::filesystem::exists(directory / failure_file)) {
    outcome.status = RunStatus::failed;
    outcome.reason = json::parse(read_file(directory / failure_file)).value("reason", "");
    return outcome;
  }
  outcome.status = RunStatus::unfinished;
  if (!std::filesystem::exists(directory / "result.json") || !has_same_end(directory, config)) return outcome;
  json result;
  try {
    result = json::parse(read_file(directory / "result.json"));
  } catch (const json::exception&) {
    throw DataError((directory / "result.json").string() + ": damaged: not what a run writes");
  }
  outcome.reason = divergence(log, result);
  outcome.status = outcome.reason.empty() ? RunStatus::done : RunStatus::diverged;
  if (outcome.status != RunStatus::done) return outcome;
  const json* validation = chosen_validation(log, config, options.at);
  outcome.value = score(options.metric, validation, result);
  for (size_t i = 0; i < options.also.size(); ++i) outcome.also[i] = score(options.also[i], validation, result);
  return outcome;
}

}  // namespace sublayer::experiment
