#include "src/training/checkpoint.h"

#include <ATen/ATen.h>

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::training {
namespace {

using test::message_of;
using test::read_bytes;
using test::TemporaryDirectory;
using test::write_bytes;

NamedTensors tensors_of(double value) { return {{"a.weight", at::full({2, 3}, value)}, {"a.bias", at::full({3}, value + 1)}}; }

const nlohmann::json some_state = {{"update", 7}, {"seconds", 0.1}, {"end", ""}, {"best", nullptr}, {"name", "caf\xc3\xa9"}};

void write(const CheckpointStore& store, int64_t update, std::optional<double> selection, const std::string& end = "") {
  store.write(update, selection, {{"end", end}}, tensors_of(static_cast<double>(update)), {{"moment", at::ones({1})}});
}

std::vector<int64_t> updates_in(const CheckpointStore& store) {
  std::vector<int64_t> list;
  for (const auto& checkpoint : store.list()) list.push_back(checkpoint.update);
  return list;
}

// A store with validations of 3, 1, 2, 1 and none at updates 10, 20, 30, 40 and 50.
CheckpointStore some_store(const TemporaryDirectory& directory) {
  const CheckpointStore store(directory.path());
  write(store, 30, 2);
  write(store, 10, 3);
  write(store, 20, 1);
  write(store, 50, {});
  write(store, 40, 1);
  return store;
}

void alter(const std::filesystem::path& file, const std::string& from, const std::string& to) {
  std::string bytes = read_bytes(file);
  REQUIRE(bytes.find(from) != std::string::npos);
  write_bytes(file, bytes.replace(bytes.find(from), from.size(), to));
}

}  // namespace

TEST_CASE("a checkpoint gives back what was written") {
  const TemporaryDirectory directory;
  const CheckpointStore store(directory.path());
  store.write(1000, 1.0 / 3, some_state, tensors_of(5), {{"moment", at::full({2}, 0.1)}});
  const auto checkpoint = store.last();
  REQUIRE(checkpoint);
  CHECK(checkpoint->directory == directory / "checkpoints/update_00001000");
  CHECK(checkpoint->update == 1000);
  CHECK(*checkpoint->selection == 1.0 / 3);
  CHECK(checkpoint->state == some_state);
  const auto model = tensors_of(0);
  const NamedTensors training = {{"moment", at::zeros({2})}};
  restore(*checkpoint, model, training);
  CHECK(model[0].second.equal(at::full({2, 3}, 5.0)));
  CHECK(model[1].second.equal(at::full({3}, 6.0)));
  CHECK(training[0].second.equal(at::full({2}, 0.1)));
}

TEST_CASE("a checkpoint that is written again replaces the former") {
  const TemporaryDirectory directory;
  const CheckpointStore store(directory.path());
  write(store, 10, 1.0);
  store.write(10, {}, some_state, tensors_of(9), {});
  CHECK(updates_in(store) == std::vector<int64_t>{10});
  CHECK(!store.last()->selection);
  CHECK(store.last()->state == some_state);
}

TEST_CASE("checkpoints are listed by update, whatever order they were written in, and nothing else is") {
  const TemporaryDirectory directory;
  CHECK(CheckpointStore(directory.path()).list().empty());
  CHECK(!CheckpointStore(directory.path()).last());
  const auto store = some_store(directory);
  std::filesystem::create_directories(store.directory() / "update_00000060.partial");
  std::filesystem::create_directories(store.directory() / "update_00000005.trash");
  std::filesystem::create_directories(store.directory() / "notes");
  CHECK(updates_in(store) == std::vector<int64_t>{10, 20, 30, 40, 50});
  CHECK(store.last()->update == 50);
}

TEST_CASE("the best checkpoint is that of the best validation, the earlier of equals") {
  const TemporaryDirectory directory;
  const auto store = some_store(directory);
  CHECK(store.best(false)->update == 20);
  CHECK(store.best(true)->update == 10);
  const TemporaryDirectory other;
  write(CheckpointStore(other.path()), 10, {});
  CHECK(!CheckpointStore(other.path()).best(true));
}

TEST_CASE("pruning keeps the last and the best") {
  const auto after = [](int64_t keep_last, int64_t keep_best, bool higher_is_better) {
    const TemporaryDirectory directory;
    const auto store = some_store(directory);
    store.prune(keep_last, keep_best, higher_is_better);
    return updates_in(store);
  };
  using Updates = std::vector<int64_t>;
  CHECK(after(1, 0, false) == Updates{50});
  CHECK(after(2, 1, false) == Updates{20, 40, 50});
  CHECK(after(1, 2, false) == Updates{20, 40, 50});
  CHECK(after(1, 1, true) == Updates{10, 50});
  CHECK(after(9, 9, true) == Updates{10, 20, 30, 40, 50});
}

TEST_CASE("what an interrupted training wrote takes no place among the last, and goes once there is a newer one") {
  const TemporaryDirectory directory;
  const CheckpointStore store(directory.path());
  write(store, 10, {});
  write(store, 20, {});
  write(store, 25, {}, "interrupted");
  store.prune(2, 0, false);
  CHECK(updates_in(store) == std::vector<int64_t>{10, 20, 25});
  write(store, 30, {});
  store.prune(2, 0, false);
  CHECK(updates_in(store) == std::vector<int64_t>{20, 30});
}

TEST_CASE("the parameters of a model are restored by name") {
  const TemporaryDirectory directory;
  const auto model = test::small_model("{}", {11, 11, true}, 1), other = test::small_model("{}", {11, 11, true}, 2);
  CheckpointStore(directory.path()).write(1, {}, some_state, named_parameters(*model), {});
  restore(directory / "checkpoints/update_00000001/model.safetensors", named_parameters(*other));
  const auto expected = named_parameters(*model), given = named_parameters(*other);
  REQUIRE(expected.size() == given.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    CHECK(given[i].first == expected[i].first);
    CHECK(given[i].second.equal(expected[i].second));
  }
}

TEST_CASE("weights of another model are refused by name and shape") {
  const TemporaryDirectory directory;
  const auto file = directory / "model.safetensors";
  write_safetensors(file, tensors_of(1));
  const auto refusal = [&](const NamedTensors& targets) { return message_of<DataError>([&] { restore(file, targets); }); };
  const auto weight = at::zeros({2, 3}), bias = at::zeros({3});
  CHECK(refusal({{"a.weight", weight}, {"b.bias", bias}}) ==
        file.string() + ": tensor 'b.bias' is missing: the file belongs to another model");
  CHECK(refusal({{"a.weight", at::zeros({3, 2})}, {"a.bias", bias}}) ==
        file.string() + ": tensor 'a.weight' has shape [2, 3], the model wants [3, 2]");
  CHECK(refusal({{"a.weight", weight}, {"a.bias", at::zeros({})}}) ==
        file.string() + ": tensor 'a.bias' has shape [3], the model wants []");
  CHECK(refusal({{"a.weight", weight}}) == file.string() + ": tensor 'a.bias' has no place in the model: the file belongs to another");
}

TEST_CASE("a damaged checkpoint is refused with the way to go on without it") {
  const TemporaryDirectory directory;
  const CheckpointStore store(directory.path());
  write(store, 10, 0.25);
  const auto checkpoint = *store.last();
  const auto state = checkpoint.directory / "state.json", weights = checkpoint.directory / "model.safetensors";
  const std::string way_out = "; remove " + checkpoint.directory.string() + " to go on from an earlier checkpoint";
  const auto refusal = [&] { return message_of<DataError>([&] { store.list(); }); };
  const std::string whole = read_bytes(state);

  alter(state, "0.25", "0.26");
  CHECK(refusal() == state.string() + ": altered or damaged: its checksum differs" + way_out);
  for (const size_t length : {size_t{0}, size_t{1}, whole.size() / 2}) {
    write_bytes(state, whole.substr(0, length));
    CHECK(refusal() == state.string() + ": truncated or damaged: not a checkpoint's state" + way_out);
  }
  write_bytes(state, "{}");
  CHECK(refusal() == state.string() + ": truncated or damaged: not a checkpoint's state" + way_out);
  std::filesystem::remove(state);
  CHECK(refusal() == state.string() + ": is missing" + way_out);
  write_bytes(state, whole);
  CHECK(refusal() == "(nothing was thrown)");

  const auto model = tensors_of(0);
  const NamedTensors training = {{"moment", at::zeros({1})}};
  const auto restoring = [&] { return message_of<DataError>([&] { restore(checkpoint, model, training); }); };
  const std::string bytes = read_bytes(weights);
  for (const size_t at : {size_t{0}, size_t{20}, bytes.size() - 1}) {
    std::string altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    write_bytes(weights, altered);
    CHECK(restoring().starts_with(weights.string() + ": "));
    CHECK(restoring().ends_with(way_out));
  }
  write_bytes(weights, bytes.substr(0, bytes.size() - 1));
  CHECK(restoring().starts_with(weights.string() + ": "));
  write_bytes(weights, bytes);
  std::filesystem::remove(checkpoint.directory / "training.safetensors");
  CHECK(restoring().starts_with((checkpoint.directory / "training.safetensors").string() + ": "));
}

TEST_CASE("an average is the mean of its checkpoints' parameters, and says of which updates") {
  const TemporaryDirectory directory;
  const CheckpointStore store(directory.path());
  write(store, 10, {});
  write(store, 20, {});
  write(store, 60, {});
  average_checkpoints(store.list(), directory / "average");
  const auto average = read_safetensors(directory / "average/model.safetensors");
  CHECK(average.metadata.at("mean_of_updates") == "10,20,60");
  const auto model = tensors_of(0);
  restore(directory / "average/model.safetensors", model);
  CHECK(model[0].second.allclose(at::full({2, 3}, 30.0)));
  CHECK(model[1].second.allclose(at::full({3}, 31.0)));

  average_checkpoints({store.list().back()}, directory / "average");
  restore(directory / "average/model.safetensors", model);
  CHECK(model[0].second.equal(at::full({2, 3}, 60.0)));
}

TEST_CASE("checkpoints of different models have no average") {
  const TemporaryDirectory directory;
  const CheckpointStore store(directory.path());
  write(store, 10, {});
  store.write(20, {}, some_state, {{"a.weight", at::ones({2, 3})}, {"a.bias", at::ones({4})}}, {});
  CHECK(message_of<DataError>([&] { average_checkpoints(store.list(), directory / "average"); }) ==
        (directory / "checkpoints/update_00000020/model.safetensors").string() + ": tensor 'a.bias' differs from the others'");
}

}  // namespace sublayer::training
