#include "src/training/trainer.h"

#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "src/core/clock.h"
#include "src/core/errors.h"
#include "src/core/fault_point.h"

namespace sublayer::training {
namespace {

// The share of the training that is done, by whichever limit comes first; below 0 where only epochs of unknown length limit it.
double done_share(const TrainingState& state, const TrainingOptions& options, double epochs) {
  double done = -1;
  const auto consider = [&](double limit, double value) {
    if (limit > 0) done = std::max(done, value / limit);
  };
  consider(static_cast<double>(options.max_updates), static_cast<double>(state.update));
  consider(static_cast<double>(options.max_epochs), epochs);
  consider(static_cast<double>(options.max_tokens), static_cast<double>(state.tokens));
  consider(options.max_minutes * 60, state.seconds);
  return done;
}

}  // namespace

nlohmann::json to_json(const TrainingState& s) {
  nlohmann::json json = {{"update", s.update},
                         {"epoch", s.epoch},
                         {"update_in_epoch", s.update_in_epoch},
                         {"window", s.window},
                         {"update_in_window", s.update_in_window},
                         {"tokens", s.tokens},
                         {"seconds", s.seconds},
                         {"stale_validations", s.stale_validations},
                         {"best", nullptr},
                         {"interval_loss", s.interval_loss},
                         {"interval_tokens", s.interval_tokens},
                         {"interval_all_tokens", s.interval_all_tokens},
                         {"interval_seconds", s.interval_seconds},
                         {"end", s.end}};
  if (s.best) json["best"] = *s.best;
  return json;
}

TrainingState state_from_json(const nlohmann::json& json) {
  TrainingState s;
  s.update = json.at("update");
  s.epoch = json.at("epoch");
  s.update_in_epoch = json.at("update_in_epoch");
  // Checkpoints of versions without windows say neither: an epoch was one.
  s.window = json.value("window", int64_t{0});
  s.update_in_window = json.value("update_in_window", s.update_in_epoch);
  s.tokens = json.at("tokens");
  s.seconds = json.at("seconds");
  s.stale_validations = json.at("stale_validations");
  if (!json.at("best").is_null()) s.best = json.at("best").get<double>();
  s.interval_loss = json.at("interval_loss");
  s.interval_tokens = json.at("interval_tokens");
  s.interval_all_tokens = json.at("interval_all_tokens");
  s.interval_seconds = json.at("interval_seconds");
  s.end = json.at("end");
  return s;
}

const Trainer::Window& Trainer::window() {
  if (window_.epoch == state_.epoch && window_.index == state_.window) return window_;
  window_ = {};
  parts_.train.release();  // what was read for the window before
  const data::Epoch epoch(parts_.train, parts_.options.batching, parts_.data_noise(static_cast<uint64_t>(state_.epoch)));
  return window_ = {state_.epoch, state_.window, epoch.windows(), epoch.plan(state_.window)};
}

const TrainingState& Trainer::run(const std::atomic<bool>& stop) {
  const bool was_interrupted = state_.end == "interrupted";
  state_.end = reached_end();
  if (was_interrupted) pass_milestone(state_.update_in_epoch == 0);  // a validation or checkpoint that was due at that update
  while (state_.end.empty()) {
    const auto& updates = window().updates;
    take_update(updates[state_.update_in_window]);
    const bool epoch_finished = pass_update(std::ssize(updates), window_.windows_in_epoch);
    // Windows are of even size, so their share stands for that of the examples.
    const double passed =
        static_cast<double>(state_.window) + static_cast<double>(state_.update_in_window) / static_cast<double>(updates.size());
    const double epochs = static_cast<double>(state_.epoch) + passed / static_cast<double>(window_.windows_in_epoch);
    const bool is_record = state_.update % parts_.options.log_every == 0;
    const double done = done_share(state_, parts_.options, epochs);
    parts_.progress.report({state_.update, state_.epoch + !epoch_finished,
                            state_.interval_loss / static_cast<double>(state_.interval_tokens),
                            parts_.optimizer.learning_rate() * parts_.schedule.factor(state_.update),
                            static_cast<double>(state_.interval_all_tokens) / state_.interval_seconds, done,
                            done > 0 ? state_.seconds * (1 - done) / done : -1, is_record});
    if (is_record) record_interval();
    fault_point("training.update");
    state_.end = reached_end();
    if (stop && state_.end.empty()) state_.end = "interrupted";
    pass_milestone(epoch_finished);
  }
  parts_.progress.finish();
  return state_;
}

// Counts an update as done; true where it was the last of its epoch.
bool Trainer::pass_update(int64_t updates_in_window, int64_t windows) {
  ++state_.update_in_epoch;
  if (++state_.update_in_window < updates_in_window) return false;
  state_.update_in_window = 0;
  if (++state_.window < windows) return false;
  state_.window = state_.update_in_epoch = 0;
  ++state_.epoch;
  return true;
}

void Trainer::take_update(const data::Update& update) {
  RECORD_FUNCTION("sublayer::update", {});
  const double start = steady_seconds();
  const int64_t number = state_.update + 1;
  const auto& sums = parts_.gradients.compute(parts_.train, update, parts_.dropout_noise(static_cast<uint64_t>(number)));
  const double tokens = static_cast<double>(sums.target_tokens);

  const auto norms = at::stack(at::_foreach_norm(sums.gradients)).to(at::kCPU, at::kDouble);
  double square = 0;
  for (int64_t i = 0; i < norms.numel(); ++i) square += std::pow(norms.const_data_ptr<double>()[i], 2);
  const double norm = std::sqrt(square) / tokens;
  if (!std::isfinite(sums.loss) || !std::isfinite(norm)) {
    const auto last = parts_.store.last();
    const bool is_loss = !std::isfinite(sums.loss);
    throw Diverged("update " + std::to_string(number) + ": the " + (is_loss ? "loss" : "gradient") + " is no longer finite (epoch " +
                   std::to_string(state_.epoch + 1) + ", update " + std::to_string(state_.update_in_epoch + 1) + " of it, first example " +
                   std::to_string(update.micro_batches.front().front()) + "); last checkpoint: " +
                   (last ? last->directory.string() : "none") + ". A lower learning rate, more warm-up or clip_norm may help");
  }
  double scale = 1 / tokens;
  if (parts_.options.clip_norm > 0 && norm > parts_.options.clip_norm) scale *= parts_.options.clip_norm / norm;
  const bool is_probed = parts_.probes.is_due(number);
  if (is_probed) parts_.probes.before_step(number, sums.gradients, 1 / tokens);
  for (const auto& gradient : sums.gradients) at::Tensor(gradient).mul_(scale);
  parts_.optimizer.step(sums.gradients, number, parts_.schedule.factor(number));
  if (parts_.average) parts_.average->take(number);

  const double seconds = steady_seconds() - start;
  state_.update = number;
  state_.tokens += sums.source_tokens + sums.target_tokens;
  state_.seconds += seconds;
  state_.interval_loss += sums.loss;
  state_.interval_tokens += sums.target_tokens;
  state_.interval_all_tokens += sums.source_tokens + sums.target_tokens;
  state_.interval_seconds += seconds;
  if (number % parts_.options.log_every == 0) last_norm_ = norm;
  if (is_probed) {
    auto record = parts_.probes.after_step(number, parts_.train, update.micro_batches.front());
    record.update({{"event", "probe"}, {"update", number}, {"time", wall_seconds()}});
    parts_.log.write(record);
  }
}

void Trainer::record_interval() {
  parts_.log.write({{"event", "train"},
                    {"update", state_.update},
                    {"epoch", state_.epoch},
                    {"tokens", state_.tokens},
                    {"loss", state_.interval_loss / static_cast<double>(state_.interval_tokens)},
                    {"learning_rate", parts_.optimizer.learning_rate() * parts_.schedule.factor(state_.update)},
                    {"gradient_norm", last_norm_},
                    {"seconds", state_.seconds},
                    {"tokens_per_second", static_cast<double>(state_.interval_all_tokens) / state_.interval_seconds},
                    {"time", wall_seconds()}});
  state_.interval_loss = state_.interval_seconds = 0;
  state_.interval_tokens = state_.interval_all_tokens = 0;
}

void Trainer::pass_milestone(bool epoch_finished) {
  const int64_t finished_epoch = epoch_finished ? state_.epoch : 0;
  const bool is_due = !state_.end.empty() || parts_.validation.interval.is_due(state_.update, finished_epoch);
  std::optional<double> selection;
  if (parts_.validation.run && is_due && state_.end != "interrupted") selection = validate();
  if (state_.end.empty()) state_.end = reached_end();  // patience may have run out
  bool is_best = false;
  if (selection && parts_.checkpoints.keep_best > 0) {
    is_best = state_.stale_validations == 0;
    // The k best are kept, so a new one among them must be written too.
    if (!is_best && parts_.checkpoints.keep_best > 1) {
      int64_t better = 0;
      for (const auto& other : parts_.store.list()) {
        if (other.selection && (parts_.validation.higher_is_better ? *other.selection >= *selection : *other.selection <= *selection))
          ++better;
      }
      is_best = better < parts_.checkpoints.keep_best;
    }
  }
  if (!state_.end.empty() || is_best || parts_.checkpoints.is_due(state_.update, finished_epoch)) save(selection);
}

std::optional<double> Trainer::validate() {
  if (parts_.average) parts_.average->exchange();
  const auto result = parts_.validation.run(state_.update);
  if (parts_.average) parts_.average->exchange();
  nlohmann::json record = {
      {"event", "valid"}, {"update", state_.update}, {"epoch", state_.epoch}, {"seconds", result.seconds}, {"time", wall_seconds()}};
  std::string text = "update " + std::to_string(state_.update) + "  validation";
  for (const auto& [name, value] : result.scores) {
    record[name] = value;
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "  %s %.4f", name.c_str(), value);
    text += buffer;
  }
  const double score = result.scores.front().second;
  const bool is_better = !state_.best || (parts_.validation.higher_is_better ? score > *state_.best : score < *state_.best);
  if (is_better) state_.best = score;
  state_.stale_validations = is_better ? 0 : state_.stale_validations + 1;
  parts_.progress.line(text + (is_better ? "  (best)" : "") + "  [" + clock_text(result.seconds) + "]");
  parts_.log.write(record);
  return score;
}

void Trainer::save(std::optional<double> selection) {
  parts_.log.sync();
  auto state = to_json(state_);
  state["metrics_bytes"] = parts_.log.size();
  const auto kept = kept_tensors(parts_.model, parts_.optimizer, parts_.average);
  parts_.store.write(state_.update, selection, state, kept.model, kept.training);
  parts_.store.prune(parts_.checkpoints.keep_last, parts_.checkpoints.keep_best, parts_.validation.higher_is_better);
}

std::string Trainer::reached_end() const {
  const auto& options = parts_.options;
  if (options.max_updates > 0 && state_.update >= options.max_updates) return "max_updates";
  if (options.max_epochs > 0 && state_.epoch >= options.max_epochs) return "max_epochs";
  if (options.max_tokens > 0 && state_.tokens >= options.max_tokens) return "max_tokens";
  if (options.max_minutes > 0 && state_.seconds >= options.max_minutes * 60) return "max_minutes";
  if (parts_.validation.patience > 0 && state_.stale_validations >= parts_.validation.patience) return "patience";
  return "";
}

}  // namespace sublayer::training
