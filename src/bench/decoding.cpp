#include "src/bench/decoding.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/device.h"
#include "src/bench/median.h"
#include "src/bench/training_loop.h"
#include "src/core/clock.h"
#include "src/core/errors.h"
#include "src/decoding/decoder.h"

namespace sublayer::bench {
namespace {

using data::Sentences;

struct Work {
  std::string search;
  std::shared_ptr<search::Search> algorithm;
  bool is_batched;
};

Sentences first(const Sentences& all, int64_t count) {
  std::vector<std::vector<int64_t>> some;
  for (int64_t i = 0; i < std::min(count, all.size()); ++i) some.push_back(all[i].ids());
  return some;
}

int64_t mean_length(const Sentences& targets) { return std::max<int64_t>(1, targets.tokens() / std::max<int64_t>(1, targets.size())); }

std::shared_ptr<Seq2SeqModel> initial_model(const Subject& subject) {
  auto model = subject.config.model.build(experiment::sizes_of(subject.tokenizers));
  model->initialize(Noise(subject.config.seed.init)("init"));
  model->to(device_named(subject.config.device));
  model->eval();
  return model;
}

nlohmann::json measure(const Work& work, Seq2SeqModel& model, const Sentences& sources, int64_t repeats,
                       const decoding::BatchSettings& settings) {
  const PackedWeights weights(model, work.algorithm->precision());
  const auto decode = [&](const Sentences& some) { return decoding::decode_all(model, some, *work.algorithm, settings, weights); };
  decode(first(sources, std::max<int64_t>(1, sources.size() / 10)));  // warms up
  std::vector<double> seconds;
  int64_t tokens = 0;
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    const double start = steady_seconds();
    const auto found = decode(sources);
    seconds.push_back(steady_seconds() - start);
    tokens = sources.size();  // end symbols
    for (const auto& hypotheses : found) tokens += std::ssize(hypotheses.front().ids);
  }
  const double typical = median(seconds);
  return {{"search", work.search},
          {"batched", work.is_batched},
          {"workers", settings.workers},
          {"sentences", sources.size()},
          {"target_tokens", tokens},
          {"seconds", seconds},
          {"sentences_per_second", static_cast<double>(sources.size()) / typical},
          {"tokens_per_second", static_cast<double>(tokens) / typical}};
}

}  // namespace

nlohmann::json measure_decoding(const DecodingPlan& plan, const Subject& subject, int64_t workers, const std::atomic<bool>& stop) {
  const std::string split = !plan.split.empty() ? plan.split : subject.sets.test.size() > 0 ? "test" : "valid";
  const auto& dataset = split == "test" ? subject.sets.test : subject.sets.valid;
  if (dataset.size() == 0) throw DataError(subject.given + ": its task has no " + split + " split to decode");

  std::vector<std::string> limits;
  const int64_t length = mean_length(dataset.target);
  if (!subject.is_run()) limits.push_back("search.max_length=" + std::to_string(length));
  const auto search_of = [&](std::vector<std::string> overrides) {
    overrides.insert(overrides.end(), limits.begin(), limits.end());
    return search_with(subject, overrides);
  };
  const auto greedy = search_of({"search.type=greedy"});
  const auto beam = search_of({"search.type=beam", "search.beam_size=" + std::to_string(plan.beam_size)});

  const auto model = subject.is_run() ? subject.trained : initial_model(subject);
  const auto check = [&](int64_t, int64_t) {
    if (stop) throw Interrupted();
  };
  const decoding::BatchSettings batches{static_cast<int>(workers), subject.config.validation.max_tokens_per_batch, check};
  const decoding::BatchSettings one_by_one{1, 1, check};
  const auto many = first(dataset.source, plan.sentences), few = first(dataset.source, plan.single_sentences);
  nlohmann::json searches = nlohmann::json::array();
  for (const auto& work :
       {Work{"greedy", greedy, true}, Work{"beam", beam, true}, Work{"greedy", greedy, false}, Work{"beam", beam, false}})
    searches.push_back(measure(work, *model, work.is_batched ? many : few, plan.repeats, work.is_batched ? batches : one_by_one));
  nlohmann::json result = {{"split", split},
                           {"precision", name_of(greedy->precision())},
                           {"beam_size", plan.beam_size},
                           {"max_length", nullptr},
                           {"searches", searches}};
  if (!subject.is_run()) result["max_length"] = length;
  return result;
}

}  // namespace sublayer::bench
