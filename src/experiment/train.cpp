#include "src/experiment/train.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "models/device.h"
#include "src/core/errors.h"
#include "src/core/fault_point.h"
#include "src/core/files.h"
#include "src/experiment/evaluation.h"
#include "src/experiment/provenance.h"
#include "src/experiment/run.h"
#include "src/experiment/run_data.h"
#include "src/experiment/run_directory.h"
#include "src/experiment/training_parts.h"
#include "src/training/trainer.h"

namespace sublayer::experiment {
namespace {

// All that a training reads.
struct Data {
  Corpora corpora;
  tokenizer::Tokenizers tokenizers;
  Datasets sets;
  nlohmann::json hashes;
};

Data load_data(const TrainRequest& request, const RunDirectory& directory, training::Progress& progress) {
  Data data;
  data.corpora = load_corpora(request.config);
  data.hashes = hashes_of(data.corpora);
  if (directory.is_new()) {
    data.tokenizers =
        request.tokenizers ? request.tokenizers->get(request.config, data.corpora) : tokenizers_of(request.config, data.corpora);
    tokenizer::save_tokenizers(data.tokenizers, directory.path());
  } else {
    if (directory.provenance().at("data") != data.hashes) {
      throw DataError(directory.path().string() + ": the data changed since this run began; restore it or choose another --name");
    }
    data.tokenizers =
        tokenizer::load_tokenizers(request.config.tokenizer, directory.path(), directory.provenance().at("tokenizer").at("hash"));
  }
  data.sets = tokenize(data.corpora, data.tokenizers, request.config);
  data.corpora.train = {};  // training needs its ids only
  std::string text = data::describe_dataset(data.sets.train, data.tokenizers, data.sets.dropped);
  text += "validation " + std::to_string(data.sets.valid.size()) + " pairs, test " + std::to_string(data.sets.test.size()) + " pairs";
  progress.line(text);
  return data;
}

void check_lengths(const RunConfig& config, const Seq2SeqModel& model) {
  const int64_t longest = model.max_length();
  const auto& limits = config.training.limits;
  if (longest > 0 && std::max(limits.max_source_length, limits.max_target_length) > longest) {
    throw ConfigError("training.max_source_length and max_target_length must be at most " + std::to_string(longest) +
                      ", the longest sequence that has positions in this model");
  }
}

// Before a training, at the end of which it would be too late.
void check_precisions(const RunConfig& config, at::Device device) {
  for (const auto& [key, search] : {std::pair("search", &config.search), {"validation.search", &config.validation.search}}) {
    if (!device.is_cpu() && search->build()->precision() != Precision::fp32)
      throw ConfigError(std::string(key) + ".precision: only fp32 is there on a GPU; state it, or --set device=cpu");
  }
}

void write_lines(const std::filesystem::path& file, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  std::filesystem::create_directories(file.parent_path());
  write_file_durably(file, text);
}

training::ValidationPlan plan_validation(const RunConfig& config, const Data& data, Seq2SeqModel& model, const std::filesystem::path& run) {
  training::ValidationPlan plan;
  plan.interval = config.validation;
  plan.patience = config.validation.patience;
  plan.higher_is_better = higher_is_better(config.validation);
  if (data.sets.valid.size() == 0) return plan;
  plan.run = [&, run, metrics = build_all(config.validation.metrics), search = config.validation.search.build()](int64_t update) {
    fault_point("training.validate");
    const auto evaluation =
        evaluate(model, data.corpora.valid, data.sets.valid, data.tokenizers, *search, metrics, batch_settings(config, model));
    if (!evaluation.hypotheses.empty())
      write_lines(run / "hypotheses" / ("valid_" + std::to_string(update) + ".txt"), evaluation.hypotheses);
    training::ValidationResult result;
    for (const auto& score : evaluation.scores) result.scores.emplace_back(score.name, score.value);
    result.seconds = evaluation.seconds;
    return result;
  };
  return plan;
}

// The test split with the weights that the run is about: the mean of the last checkpoints if asked for, else the best one.
void test(const TrainRequest& request, const Data& data, nlohmann::json& result, training::Progress& progress) {
  const auto& config = request.config;
  const training::CheckpointStore store(request.directory);
  std::string selector = config.checkpoint.tested;
  if (config.checkpoint.average_last > 0) {
    auto list = store.list();
    if (static_cast<int64_t>(list.size()) > config.checkpoint.average_last)
      list.erase(list.begin(), list.end() - config.checkpoint.average_last);
    training::average_checkpoints(list, request.directory / "average");
    selector = "average";
  }
  if (data.sets.test.size() > 0) {
    const Run run = open_run(request.directory, selector);
    const auto evaluation = evaluate(*run.model, data.corpora.test, data.sets.test, data.tokenizers, *config.search.build(),
                                     build_all(config.validation.metrics), batch_settings(config, *run.model));
    if (!evaluation.hypotheses.empty()) write_lines(request.directory / "hypotheses" / "test.txt", evaluation.hypotheses);
    result["checkpoint"] = run.weights;
    std::string text = "test, " + run.weights + ":";
    for (const auto& score : evaluation.scores) {
      result["scores"].push_back({{"split", "test"}, {"metric", score.name}, {"value", score.value}, {"signature", score.signature}});
      char number[64];
      std::snprintf(number, sizeof number, "  %s %.4f", score.name.c_str(), score.value);
      text += number;
    }
    progress.line(text);
  }
}

std::string one_decimal(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

// Of the window that is next; the others are like it.
std::string describe_epoch(const training::Trainer::Window& window, const data::Dataset& train) {
  const int64_t windows = window.windows_in_epoch;
  return (windows > 1 ? "about " : "") + std::to_string(std::ssize(window.updates) * windows) + " updates per epoch" +
         (windows > 1 ? " in " + std::to_string(windows) + " windows" : "") + ", padding in attention " +
         one_decimal(100 * data::padding_share(train, window.updates)) + " %";
}

// Where an epoch is more than one window, an update's number in the epoch alone does not say which examples it has.
void check_windows(const training::Checkpoint& checkpoint, const RunConfig& config, const data::Dataset& train) {
  const bool is_between_epochs = checkpoint.state.at("update_in_epoch") == 0;
  if (is_between_epochs || checkpoint.state.contains("window") || train.size() <= config.training.batching.window_examples) return;
  throw DataError(checkpoint.directory.string() + ": written in the middle of an epoch by a version that shuffled all of " +
                  std::to_string(train.size()) + " pairs at once; it cannot go on with training.window_examples: " +
                  std::to_string(config.training.batching.window_examples));
}

}  // namespace

std::string train(const TrainRequest& request, const std::atomic<bool>& stop) {
  const auto& config = request.config;
  const auto device = device_named(config.device);
  check_precisions(config, device);
  const int64_t workers = worker_count(config.training.workers, device);
  training::Progress progress;
  RunDirectory directory(request.directory, config, request.resume);
  const Data data = load_data(request, directory, progress);

  const auto sizes = sizes_of(data.tokenizers);
  TrainingParts parts(config, sizes, workers);
  auto& model = *parts.model;
  auto* const average = parts.average ? &*parts.average : nullptr;
  check_lengths(config, model);
  training::Probes probes(model, config.probes);

  training::CheckpointStore store(request.directory);
  directory.sweep();
  training::TrainingState state;
  uint64_t metrics_bytes = 0;
  if (directory.is_new()) {
    nlohmann::json provenance = describe_build();
    provenance["command"] = request.command;
    provenance["device"] = device.str();
    provenance["data"] = data.hashes;
    provenance["tokenizer"] = {{"hash", tokenizer::hash_of(data.tokenizers)}};
    directory.begin(config, provenance);
  } else if (const auto last = store.last()) {
    const auto kept = training::kept_tensors(model, *parts.optimizer, average);
    training::restore(*last, kept.model, kept.training);
    check_windows(*last, config, data.sets.train);
    state = training::state_from_json(last->state);
    store.prune(config.checkpoint.keep_last, config.checkpoint.keep_best,
                higher_is_better(config.validation));  // not done if killed before
    metrics_bytes = last->state.at("metrics_bytes");
    progress.line("going on from " + last->directory.string());
  }
  training::MetricsLog log(request.directory, metrics_bytes);
  if (!directory.is_new()) directory.go_on(config);

  training::Trainer trainer({model, parts.gradients, *parts.optimizer, *parts.schedule, data.sets.train, config.training, config.checkpoint,
                             plan_validation(config, data, model, request.directory), store, log, progress, probes, average,
                             parts.data_noise, parts.dropout_noise},
                            state);
  int64_t parameters = 0;
  for (const auto& parameter : all_parameters(model)) parameters += parameter.tensor.numel();
  progress.line(std::to_string(parameters) + " parameters, " + describe_epoch(trainer.window(), data.sets.train) + ", " +
                std::to_string(workers) + " workers" + (device.is_cpu() ? "" : ", " + device.str()));
  for (const auto& remark : remarks(model)) progress.line(remark);

  nlohmann::json result = {{"scores", nlohmann::json::array()}};
  if (data.sets.valid.size() > 0) result["unigram_loss"] = unigram_loss(data.sets.train, data.sets.valid, sizes.target);
  const auto write_result = [&](const std::string& end) {
    result["end"] = end;
    write_file_durably(request.directory / "result.json", result.dump(2) + "\n");
  };
  try {
    const std::string end = trainer.run(stop).end;
    if (end == "interrupted") return end;
    progress.line("end: " + end);
    test(request, data, result, progress);
    write_result(end);
    return end;
  } catch (const Diverged& error) {
    result["reason"] = error.what();
    write_result("diverged");
    throw;
  }
}

}  // namespace sublayer::experiment
