#include "src/bench/training.h"

#include <nlohmann/json.hpp>

#include "src/bench/matrix_rate.h"
#include "src/bench/median.h"
#include "src/bench/operator_times.h"
#include "src/bench/process.h"

namespace sublayer::bench {
namespace {

// Long enough for a rate, short beside the training.
constexpr double matrix_seconds = 0.3;

nlohmann::json json_of(const TimeShares& shares) {
  nlohmann::json parts, other = nlohmann::json::object();
  for (size_t i = 0; i < part_count; ++i) parts[name_of(static_cast<Part>(i))] = shares.parts[i];
  for (const auto& [name, share] : shares.other) other[name] = share;
  return {{"parts", parts}, {"other", other}};
}

int64_t mean_rows(const std::vector<data::Update>& plan) {
  int64_t tokens = 0, micro_batches = 0;
  for (const auto& update : plan) {
    tokens += update.target_tokens;
    micro_batches += std::ssize(update.micro_batches);
  }
  return std::max<int64_t>(1, tokens / std::max<int64_t>(1, micro_batches));
}

}  // namespace

nlohmann::json measure_training(const TrainingPlan& plan, TrainingLoop& loop, const std::atomic<bool>& stop) {
  const bool is_peak_reset = reset_peak_bytes();
  const double resident = resident_bytes();
  // Records stand at multiples of the number of updates. The first interval is for warming up, also where it is short of an update that
  // was taken before.
  const auto before = loop.state();
  loop.advance((plan.repeats + 1) * plan.updates - before.update, plan.updates, stop);
  const double peak = peak_bytes();
  const auto after = loop.state();
  auto rates = loop.recorded_rates();
  rates.erase(rates.begin(), rates.end() - plan.repeats);
  const double rate = median(rates);

  nlohmann::json shares;
  {
    const OperatorTimes times;
    loop.advance(plan.updates, plan.updates, stop);
    shares = json_of(times.shares(loop.pool().size()));
  }

  const auto weights = experiment::weight_uses(loop.model());
  const int64_t rows = mean_rows(loop.plan());
  const double machine = matrix_rate(weights, loop.options().activation_type(), rows, loop.pool(), plan.repeats, matrix_seconds);
  // Three products of each weight, for half a pair of source and target token.
  const double used = 1.5 * experiment::forward_flops(loop.model()) * rate;
  return {{"precision", loop.options().precision},
          {"tokens_per_second", rate},
          {"repeats", rates},
          {"updates_per_repeat", plan.updates},
          {"tokens_per_update", static_cast<double>(after.tokens - before.tokens) / static_cast<double>(after.update - before.update)},
          {"time", shares["parts"]},
          {"other", shares["other"]},
          {"matrix_products",
           {{"rows", rows}, {"machine_gflops", machine / 1e9}, {"training_gflops", used / 1e9}, {"fraction", used / machine}}},
          {"memory", {{"peak_bytes", peak}, {"before_bytes", resident}, {"is_peak_of_training", is_peak_reset}}}};
}

}  // namespace sublayer::bench
