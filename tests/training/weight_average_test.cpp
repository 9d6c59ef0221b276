#include "src/training/weight_average.h"

#include <ATen/ATen.h>

#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_directory.h"
#include "tests/training/small_training.h"

namespace sublayer::training {
namespace {

using test::SmallTraining;
using test::TemporaryDirectory;

SmallTraining averaged_training() {
  SmallTraining training;
  training.options.ema_decay = 0.9;
  return training;
}

at::Tensor values_in(const std::filesystem::path& directory) {
  std::vector<at::Tensor> values;
  const auto model = test::small_model("embedding: {tie: all}");
  const auto weights = named_parameters(*model);
  restore(directory / "model.safetensors", weights);
  return test::all_values(*model);
}

}  // namespace

TEST_CASE("a weight average follows its formula, and forgets the first weights soon") {
  const auto model = test::small_model();
  const auto weight = named_parameters(*model).front().second;
  WeightAverage average(*model, 0.5);
  auto expected = weight.clone();
  for (int64_t update = 1; update <= 20; ++update) {
    at::Tensor(weight).add_(static_cast<double>(update));
    average.take(update);
    const double kept = std::min(0.5, (1.0 + static_cast<double>(update)) / (10.0 + static_cast<double>(update)));
    expected = expected * kept + weight * (1 - kept);
    CHECK(average.tensors().front().second.allclose(expected, 1e-5, 1e-6));
  }
}

TEST_CASE("averages and weights change places, and back") {
  const auto model = test::small_model();
  WeightAverage average(*model, 0.9);
  for (const auto& [name, weight] : named_parameters(*model)) at::Tensor(weight).add_(1);
  const auto weights = test::all_values(*model);
  average.exchange();
  CHECK(test::all_values(*model).allclose(weights - 1, 1e-5, 1e-6));
  average.exchange();
  CHECK(test::all_values(*model).equal(weights));
}

TEST_CASE("an average changes no weight that is trained, and a checkpoint holds the average as its model") {
  auto averaged = averaged_training();
  SmallTraining plain;
  const TemporaryDirectory directory, other;
  averaged.run(directory.path());
  plain.run(other.path());
  CHECK(averaged.values.equal(plain.values));
  const auto saved = values_in(CheckpointStore(directory.path()).last()->directory);
  CHECK(!saved.equal(averaged.values));
  CHECK(values_in(CheckpointStore(other.path()).last()->directory).equal(plain.values));
}

TEST_CASE("a model is validated with its averages") {
  auto training = averaged_training();
  training.options.max_updates = 5;
  const TemporaryDirectory directory;
  at::Tensor seen;
  training.validation.interval.every_updates = 5;
  training.watch_validation = [&](const Module& model) { seen = test::all_values(model).clone(); };
  training.run(directory.path());
  CHECK(seen.equal(values_in(CheckpointStore(directory.path()).last()->directory)));
  CHECK(!seen.equal(training.values));
}

TEST_CASE("a training with averages in two parts ends with the same bits as one in a piece") {
  auto whole = averaged_training(), first = averaged_training(), second = averaged_training();
  const TemporaryDirectory whole_directory, directory;
  first.options.max_updates = 21;
  whole.run(whole_directory.path());
  first.run(directory.path());
  second.run(directory.path());
  CHECK(second.values.equal(whole.values));
  for (const char* file : {"model.safetensors", "training.safetensors"}) {
    CHECK(test::read_bytes(CheckpointStore(directory.path()).last()->directory / file) ==
          test::read_bytes(CheckpointStore(whole_directory.path()).last()->directory / file));
  }
}

}  // namespace sublayer::training
