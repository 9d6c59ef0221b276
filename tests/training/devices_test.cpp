// Training on another device than the CPU.
#include <ATen/ATen.h>

#include "models/device.h"
#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/pretended_device.h"
#include "tests/training/small_training.h"

namespace sublayer::training {
namespace {

// Everything that has tensors of its own.
test::SmallTraining rich_training() {
  test::SmallTraining training;
  training.options.max_updates = 12;
  training.options.ema_decay = 0.9;
  training.probes = {"gradient_norm", "update_ratio", "activation_rms", "dead_units", "attention_entropy"};
  return training;
}

}  // namespace

TEST_CASE("a training on another device ends with the weights of one on the CPU, and either goes on where the other stopped") {
  if (!test::has_pretended_gradients()) return;
  const test::TemporaryDirectory on_cpu, elsewhere, changing;
  auto training = rich_training();
  training.run(on_cpu.path());
  const auto expected = training.values;
  training.device = test::pretended_device();
  training.run(elsewhere.path());
  CHECK(training.values.device() == test::pretended_device());
  CHECK(training.values.to(at::kCPU).allclose(expected, 1e-2, 1e-3));

  for (const auto& [updates, device] :
       {std::pair<int64_t, at::Device>{4, test::pretended_device()}, {8, at::kCPU}, {12, test::pretended_device()}}) {
    training.options.max_updates = updates;
    training.device = device;
    training.run(changing.path());
  }
  CHECK(training.values.to(at::kCPU).allclose(expected, 1e-2, 1e-3));
  CHECK(!training.values.to(at::kCPU).allclose(test::SmallTraining().trained_values(), 1e-2, 1e-3));
}

TEST_CASE("the host waits for a device once for an update's gradient, however many micro-batches it has") {
  if (!test::has_pretended_gradients()) return;
  const auto dataset = test::random_pairs(12);
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    test::ReplicatedModel parts("{layer: {attention: {dropout: 0.1}}}", 1, at::kFloat, type, test::pretended_device());
    for (const int64_t size : {12, 3, 1}) {
      data::Update update;
      for (int64_t first = 0; first < 12; first += size) {
        auto& examples = update.micro_batches.emplace_back();
        for (int64_t i = first; i < first + size; ++i) examples.push_back(i);
      }
      const int64_t before = test::waits();
      parts.gradients.compute(dataset, update, Noise(1));
      CHECK(test::waits() - before == 1);
    }
  }
}

TEST_CASE("devices are named as in a config") {
  CHECK(device_named("cpu") == at::Device(at::kCPU));
  if (device_named("auto").is_cpu()) {
    CHECK_THROWS_WITH(device_named("cuda"), "device: cuda: LibTorch finds no GPU here; auto or cpu takes the processor");
  } else {
    CHECK(device_named("cuda") == device_named("auto"));
  }
}

}  // namespace sublayer::training
