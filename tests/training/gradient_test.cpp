#include "src/training/gradient.h"

#include <ATen/ATen.h>

#include <cmath>
#include <set>

#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/small_model.h"
#include "tests/training/small_training.h"

namespace sublayer::training {
namespace {

using test::random_pairs;
using test::ReplicatedModel;

const std::string with_dropout = "{embedding: {tie: all, dropout: 0.2}, layer: {dropout: 0.2, attention: {dropout: 0.1}}}";
const std::string without_dropout = "{embedding: {tie: all, dropout: 0}, layer: {dropout: 0}}";

data::Update all_at_once(const data::Dataset& dataset) {
  data::Update update;
  auto& examples = update.micro_batches.emplace_back();
  for (int64_t i = 0; i < dataset.size(); ++i) examples.push_back(i);
  return update;
}

}  // namespace

TEST_CASE("a training gives the same bits on one worker, two and three") {
  test::SmallTraining training;
  // Updates of several micro-batches of different sizes, or the order in which they are added would not matter.
  int64_t large = 0, count = 0;
  std::set<int64_t> sizes;
  for (const auto& update : data::Epoch(training.train, training.options.batching, Noise(1)("order")(uint64_t{0})).plan(0)) {
    large += update.micro_batches.size() >= 4;
    ++count;
    for (const auto& examples : update.micro_batches) {
      sizes.insert(std::ssize(data::make_batch(training.train, examples).target_output.ids));
    }
  }
  REQUIRE(count >= 5);
  REQUIRE(large >= count - 1);
  REQUIRE(sizes.size() > 5);

  const auto one = training.trained_values();
  CHECK(one.isfinite().all().item<bool>());
  for (const int64_t workers : {2, 3}) {
    training.workers = workers;
    CHECK(training.trained_values().equal(one));
  }
  training.options.precision = "bf16";
  training.workers = 1;
  const auto halves = training.trained_values();
  training.workers = 3;
  CHECK(training.trained_values().equal(halves));
  CHECK(!halves.equal(one));
  CHECK(halves.allclose(one, 0.1, 0.1));
  // Clipping and dropout do have a part in it.
  test::SmallTraining unclipped, undropped;
  unclipped.options.clip_norm = 0;
  CHECK(!unclipped.trained_values().equal(one));
  undropped.model_yaml = without_dropout;
  CHECK(!undropped.trained_values().equal(one));
}

TEST_CASE("replicas share the parameters of their model, and nothing else") {
  const auto model = test::small_model(with_dropout), replica = test::small_model(with_dropout, {11, 11, true}, 99);
  share_parameters(*model, *replica);
  const auto list = all_parameters(*model), own = all_parameters(*replica);
  REQUIRE(own.size() == list.size());
  for (size_t i = 0; i < own.size(); ++i) {
    CHECK(own[i].tensor.const_data_ptr() == list[i].tensor.const_data_ptr());
    CHECK(!own[i].tensor.is_same(list[i].tensor));
  }
  list[0].tensor.detach().fill_(7);
  CHECK(own[0].tensor.equal(list[0].tensor));
}

TEST_CASE("a model of another shape is no replica") {
  const auto model = test::small_model(), other = test::small_model("encoder: {num_layers: 1}");
  const auto message = test::message_of<c10::Error>([&] { share_parameters(*model, *other); });
  const std::string expected = "a replica has " + std::to_string(all_parameters(*other).size()) + " parameters, its model " +
                               std::to_string(all_parameters(*model).size());
  CHECK(message.find(expected) != std::string::npos);
}

TEST_CASE("the gradient of micro-batches is that of all their sentences at once") {
  const auto dataset = random_pairs(40);
  data::Update cut;
  cut.micro_batches = {{0, 1, 2}, {3}, {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}, {15, 16}};
  for (int64_t i = 17; i < dataset.size(); ++i) cut.micro_batches.push_back({i});
  ReplicatedModel parts(without_dropout, 3, at::kDouble);
  const GradientSums whole = parts.gradients.compute(dataset, all_at_once(dataset), Noise(1));
  std::vector<at::Tensor> expected;
  for (const auto& gradient : whole.gradients) expected.push_back(gradient.clone());
  const auto& sums = parts.gradients.compute(dataset, cut, Noise(1));
  CHECK(sums.loss == Approx(whole.loss).epsilon(1e-12));
  CHECK(sums.source_tokens == whole.source_tokens);
  CHECK(sums.target_tokens == whole.target_tokens);
  CHECK(sums.target_tokens == dataset.target.tokens() + dataset.size());  // the end symbol is one
  for (size_t i = 0; i < expected.size(); ++i) CHECK(sums.gradients[i].allclose(expected[i], 1e-9, 1e-9));
}

TEST_CASE("gradients of bfloat16 activations are those of float but for rounding, and are summed as floats") {
  const auto dataset = random_pairs(40);
  data::Update update;
  for (int64_t i = 0; i < dataset.size(); i += 8) update.micro_batches.push_back({i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6, i + 7});
  ReplicatedModel exact(with_dropout, 2), rounded(with_dropout, 2, at::kFloat, at::kBFloat16);
  const auto& expected = exact.gradients.compute(dataset, update, Noise(1));
  const auto& given = rounded.gradients.compute(dataset, update, Noise(1));
  CHECK(given.loss != expected.loss);
  CHECK(given.loss == Approx(expected.loss).epsilon(1e-2));
  CHECK(given.target_tokens == expected.target_tokens);
  for (size_t i = 0; i < expected.gradients.size(); ++i) {
    INFO(all_parameters(*exact.model)[i].name);
    CHECK(given.gradients[i].scalar_type() == at::kFloat);
    if (expected.gradients[i].norm().item<double>() < 1e-3) continue;  // key.bias: rounding is all there is
    CHECK((given.gradients[i] - expected.gradients[i]).norm().item<double>() < 0.2 * expected.gradients[i].norm().item<double>());
  }
  // The copies follow the weights.
  for (const auto& parameter : all_parameters(*rounded.model)) parameter.tensor.detach().mul_(0);
  const double of_zeros = rounded.gradients.compute(dataset, update, Noise(1)).loss / static_cast<double>(given.target_tokens);
  CHECK(of_zeros == Approx(std::log(11)).epsilon(1e-3));
}

TEST_CASE("gradients belong to their parameters alone: no two share memory with each other or with a parameter") {
  ReplicatedModel parts(without_dropout, 1);
  const auto dataset = random_pairs(1);
  const auto& sums = parts.gradients.compute(dataset, all_at_once(dataset), Noise(1));
  std::set<const void*> memory;
  for (const auto& parameter : all_parameters(*parts.model)) memory.insert(parameter.tensor.const_data_ptr());
  for (const auto& gradient : sums.gradients) CHECK(memory.insert(gradient.const_data_ptr()).second);
}

TEST_CASE("dropout's noise is that of the update and the micro-batch") {
  const auto dataset = random_pairs(8);
  ReplicatedModel parts(with_dropout, 1);
  const auto loss_of = [&](const std::vector<std::vector<int64_t>>& micro_batches, const Noise& noise) {
    data::Update update;
    update.micro_batches = micro_batches;
    return parts.gradients.compute(dataset, update, noise).loss;
  };
  const double first = loss_of({{0, 1}}, Noise(1));
  CHECK(loss_of({{0, 1}}, Noise(1)) == first);
  CHECK(loss_of({{0, 1}}, Noise(2)) != first);
  CHECK(loss_of({{0, 1}, {0, 1}}, Noise(1)) != 2 * first);
}

TEST_CASE("an error within a micro-batch reaches the caller, and the next update is computed as ever") {
  const auto dataset = random_pairs(12);
  ReplicatedModel parts(with_dropout, 3);
  data::Update update;
  for (int64_t i = 0; i < dataset.size(); ++i) update.micro_batches.push_back({i});
  const double loss = parts.gradients.compute(dataset, update, Noise(1)).loss;
  std::vector<std::vector<int64_t>> sources;
  dataset.source.for_each([&](const data::Sentence& sentence) { sources.push_back(sentence.ids()); });
  sources[5][0] = 11;  // no such id
  const data::Dataset broken{sources, dataset.target};
  for (int repeat = 0; repeat < 5; ++repeat) CHECK_THROWS_AS(parts.gradients.compute(broken, update, Noise(1)), c10::Error);
  CHECK(parts.gradients.compute(dataset, update, Noise(1)).loss == loss);
}

}  // namespace sublayer::training
