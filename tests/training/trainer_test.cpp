#include "src/training/trainer.h"

#include <ATen/ATen.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/training/small_training.h"

namespace sublayer::training {
namespace {

using test::SmallTraining;
using test::TemporaryDirectory;

// One update of plain gradient descent at rate 1: what the parameters lose is the gradient.
SmallTraining one_plain_update(double clip_norm) {
  SmallTraining training;
  training.model_yaml = "{embedding: {tie: all, dropout: 0}, layer: {dropout: 0}}";
  training.optimizer = "{type: sgd, learning_rate: 1}";
  training.schedule = "constant";
  training.options.max_updates = 1;
  training.options.clip_norm = clip_norm;
  return training;
}

at::Tensor values_before(const SmallTraining& training) { return test::all_values(*test::ReplicatedModel(training.model_yaml, 1).model); }

// Validation scores in their order, the last of them for ever.
ValidationPlan scored(const std::vector<double>& scores, std::vector<int64_t>& seen) {
  ValidationPlan plan;
  plan.interval.every_updates = 5;
  plan.run = [scores, &seen](int64_t update) {
    seen.push_back(update);
    return ValidationResult{{{"loss", scores[std::min(seen.size(), scores.size()) - 1]}}, 0};
  };
  return plan;
}

std::vector<int64_t> updates_kept(const TemporaryDirectory& directory) {
  std::vector<int64_t> list;
  for (const auto& checkpoint : CheckpointStore(directory.path()).list()) list.push_back(checkpoint.update);
  return list;
}

}  // namespace

TEST_CASE("an update follows the mean gradient over its real target tokens") {
  auto training = one_plain_update(0);
  const auto plan = data::Epoch(training.train, training.options.batching, Noise(1)("order")(uint64_t{0})).plan(0);
  test::ReplicatedModel parts(training.model_yaml, 1);
  const auto& sums = parts.gradients.compute(training.train, plan.front(), Noise());
  std::vector<at::Tensor> gradients;
  for (const auto& gradient : sums.gradients) gradients.push_back(gradient.flatten());
  const auto mean = at::cat(gradients) / sums.target_tokens;
  CHECK(training.trained_values().allclose(values_before(training) - mean, 1e-5, 1e-6));
}

TEST_CASE("a gradient above clip_norm is scaled down to it, one below is left alone") {
  auto free = one_plain_update(0);
  const auto step = free.trained_values() - values_before(free);
  const double norm = step.norm().item<double>();
  auto tight = one_plain_update(norm / 4), loose = one_plain_update(norm * 4);
  const auto clipped = tight.trained_values() - values_before(tight);
  CHECK(clipped.norm().item<double>() == Approx(norm / 4).epsilon(1e-3));
  CHECK(clipped.allclose(step / 4, 1e-2, 1e-5));
  CHECK(loose.trained_values().equal(free.values));
}

TEST_CASE("a training in two parts ends with the same bits as one in a piece, wherever it was cut and on any number of workers") {
  SmallTraining whole;
  whole.options.log_every = 7;
  const TemporaryDirectory whole_directory;
  whole.run(whole_directory.path());
  for (const auto& [cut, workers] : {std::pair<int64_t, int64_t>{13, 1}, {21, 2}}) {
    const TemporaryDirectory directory;
    SmallTraining first = whole, second = whole;
    first.options.max_updates = cut;
    second.workers = workers;
    CHECK(first.run(directory.path()).end == "max_updates");
    const auto state = second.run(directory.path());
    CHECK(state.update == 50);
    CHECK(second.values.equal(whole.values));
    const auto last = *CheckpointStore(directory.path()).last(), expected = *CheckpointStore(whole_directory.path()).last();
    for (const char* file : {"model.safetensors", "training.safetensors"}) {
      CHECK(test::read_bytes(last.directory / file) == test::read_bytes(expected.directory / file));
    }
    for (const char* key :
         {"update", "epoch", "update_in_epoch", "window", "update_in_window", "tokens", "interval_loss", "interval_tokens"}) {
      INFO(key);
      CHECK(last.state.at(key) == expected.state.at(key));
    }
  }
}

TEST_CASE("a training of several windows takes every example once an epoch, and goes on bit for bit from the middle of a window") {
  SmallTraining whole;
  whole.options.batching.window_examples = 30;
  REQUIRE(data::Epoch(whole.train, whole.options.batching, Noise()).windows() == 4);
  const TemporaryDirectory whole_directory;
  whole.run(whole_directory.path());
  SmallTraining in_one_window;
  CHECK(!in_one_window.trained_values().equal(whole.values));
  std::set<int64_t> windows;
  for (const int64_t cut : {1, 4, 9, 23}) {
    const TemporaryDirectory directory;
    SmallTraining first = whole, second = whole;
    first.options.max_updates = cut;
    const auto state = first.run(directory.path());
    windows.insert(state.window);
    CHECK(second.run(directory.path()).update == 50);
    CHECK(second.values.equal(whole.values));
    const auto last = *CheckpointStore(directory.path()).last(), expected = *CheckpointStore(whole_directory.path()).last();
    for (const char* key : {"epoch", "update_in_epoch", "window", "update_in_window", "tokens"})
      CHECK(last.state.at(key) == expected.state.at(key));
  }
  CHECK(windows.size() >= 3);  // the cuts were in different windows
}

TEST_CASE("the state of a training without windows is read as that of one window") {
  TrainingState state;
  state.update_in_epoch = 4;
  auto json = to_json(state);
  json.erase("window");
  json.erase("update_in_window");
  CHECK(state_from_json(json).window == 0);
  CHECK(state_from_json(json).update_in_window == 4);
}

TEST_CASE("the state of a training survives its JSON") {
  TrainingState state;
  state.update = 12;
  state.epoch = 3;
  state.update_in_epoch = 4;
  state.window = 1;
  state.update_in_window = 2;
  state.tokens = 1000;
  state.seconds = 0.1;
  state.stale_validations = 2;
  state.interval_loss = 1.0 / 3;
  state.interval_tokens = 5;
  state.interval_all_tokens = 6;
  state.interval_seconds = 0.7;
  state.end = "patience";
  for (const std::optional<double> best : {std::optional<double>(), std::optional(0.3)}) {
    state.best = best;
    const auto again = state_from_json(nlohmann::json::parse(to_json(state).dump()));
    CHECK(to_json(again) == to_json(state));
    CHECK(again.best == best);
    CHECK(again.interval_loss == state.interval_loss);
  }
}

TEST_CASE("a training ends at whichever limit comes first") {
  const auto end_of = [](const std::function<void(TrainingOptions&)>& set) {
    SmallTraining training;
    training.options.max_updates = 40;
    set(training.options);
    const TemporaryDirectory directory;
    return training.run(directory.path());
  };
  CHECK(end_of([](auto&) {}).update == 40);
  const auto epoch = end_of([](auto& options) { options.max_epochs = 1; });
  CHECK(epoch.end == "max_epochs");
  const SmallTraining small;
  CHECK(epoch.update == std::ssize(data::Epoch(small.train, small.options.batching, Noise(1)("order")(uint64_t{0})).plan(0)));
  const auto tokens = end_of([](auto& options) { options.max_tokens = 500; });
  CHECK(tokens.end == "max_tokens");
  CHECK((tokens.tokens >= 500 && tokens.tokens < 1000));
  CHECK(end_of([](auto& options) { options.max_minutes = 1e-9; }).end == "max_minutes");
}

TEST_CASE("patience ends a training after so many validations without a better score") {
  SmallTraining training;
  std::vector<int64_t> seen;
  training.validation = scored({3, 2, 2, 4, 1, 1, 1, 1}, seen);
  training.validation.patience = 3;
  const TemporaryDirectory directory;
  const auto state = training.run(directory.path());
  CHECK(state.end == "patience");
  CHECK(seen == std::vector<int64_t>{5, 10, 15, 20, 25, 30, 35, 40});
  CHECK(*state.best == 1);
  CHECK(updates_kept(directory) == std::vector<int64_t>{25, 40});  // the best and the last
}

TEST_CASE("checkpoints are written where they are due, and at the end") {
  SmallTraining training;
  training.options.max_updates = 23;
  training.checkpoints.every_updates = 10;
  training.checkpoints.keep_last = 9;
  const TemporaryDirectory directory;
  training.run(directory.path());
  CHECK(updates_kept(directory) == std::vector<int64_t>{10, 20, 23});
}

TEST_CASE("a training that diverges stops with its update and its last checkpoint") {
  SmallTraining training;
  training.optimizer = "{type: sgd, learning_rate: 1.0e+30}";
  training.schedule = "constant";
  training.checkpoints.every_updates = 1;
  const TemporaryDirectory directory;
  const auto message = test::message_of<Diverged>([&] { training.run(directory.path()); });
  CHECK(message.starts_with("update 2: the "));
  CHECK(message.find(" is no longer finite (epoch 1, update 2 of it, first example ") != std::string::npos);
  const std::string checkpoint = (directory / "checkpoints/update_00000001").string();
  CHECK(message.ends_with("); last checkpoint: " + checkpoint + ". A lower learning rate, more warm-up or clip_norm may help"));
  CHECK(updates_kept(directory) == std::vector<int64_t>{1});
}

TEST_CASE("the log has the loss, the rate and the norm of every interval") {
  SmallTraining training;
  training.options.max_updates = 20;
  training.options.log_every = 10;
  training.options.clip_norm = 0.1;
  const TemporaryDirectory directory;
  training.run(directory.path());
  std::istringstream lines(test::read_bytes(directory / "metrics.jsonl"));
  std::vector<nlohmann::json> records;
  for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line));
  REQUIRE(records.size() == 2);
  CHECK(records[0].at("event") == "train");
  CHECK(records[1].at("update") == 20);
  CHECK(records[0].at("learning_rate").get<double>() == Approx(0.003));
  CHECK(records[1].at("learning_rate").get<double>() == Approx(0.003 / std::sqrt(2.0)));
  CHECK(records[1].at("loss").get<double>() < records[0].at("loss").get<double>());
  for (const auto& record : records) CHECK(record.at("gradient_norm").get<double>() > 0.15);  // as it was before it is clipped to 0.1
}

}  // namespace sublayer::training
