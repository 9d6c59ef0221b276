#include "src/training/checkpoint.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdio>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/hash.h"

namespace sublayer::training {
namespace {

std::string directory_name(int64_t update) {
  char name[32];
  std::snprintf(name, sizeof name, "update_%08lld", static_cast<long long>(update));
  return name;
}

bool is_checkpoint_name(const std::string& name) { return name.starts_with("update_") && name.find('.') == std::string::npos; }

// Checkpoints with a validation, best first.
std::vector<Checkpoint> ranked(std::vector<Checkpoint> list, bool higher_is_better) {
  std::erase_if(list, [](const auto& checkpoint) { return !checkpoint.selection; });
  std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
    return higher_is_better ? *a.selection > *b.selection : *a.selection < *b.selection;
  });
  return list;
}

std::string shape_of(const at::Tensor& tensor) {
  std::string text = "[";
  for (const int64_t size : tensor.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::string way_out(const std::filesystem::path& directory) {
  return "; remove " + directory.string() + " to go on from an earlier checkpoint";
}

}  // namespace

void CheckpointStore::write(int64_t update, std::optional<double> selection, const nlohmann::json& state, const NamedTensors& model,
                            const NamedTensors& training) const {
  std::filesystem::create_directories(directory_);
  const auto final_directory = directory_ / directory_name(update);
  if (std::filesystem::exists(final_directory)) remove_directory_durably(final_directory);
  DurableDirectory directory(final_directory);
  write_safetensors(directory.path() / "model.safetensors", model);
  write_safetensors(directory.path() / "training.safetensors", training);
  nlohmann::json content = {{"format", 1}, {"update", update}, {"selection", nullptr}, {"state", state}};
  if (selection) content["selection"] = *selection;
  content["checksum"] = hash_bytes(content.dump());
  write_file_durably(directory.path() / "state.json", content.dump(1) + "\n");
  directory.commit();
}

Checkpoint read_checkpoint(const std::filesystem::path& directory) {
  const auto file = directory / "state.json";
  const auto error = [&](const std::string& what) { return DataError(file.string() + ": " + what + way_out(directory)); };
  if (!std::filesystem::exists(file)) throw error("is missing");
  try {
    auto content = nlohmann::json::parse(read_file(file));
    const std::string checksum = content.at("checksum");
    content.erase("checksum");
    if (checksum != hash_bytes(content.dump())) throw error("altered or damaged: its checksum differs");
    Checkpoint checkpoint{directory, content.at("update"), {}, content.at("state")};
    if (!content.at("selection").is_null()) checkpoint.selection = content.at("selection").get<double>();
    return checkpoint;
  } catch (const nlohmann::json::exception&) {
    throw error("truncated or damaged: not a checkpoint's state");
  }
}

std::vector<Checkpoint> CheckpointStore::list() const {
  std::vector<Checkpoint> list;
  if (!std::filesystem::is_directory(directory_)) return list;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (is_checkpoint_name(entry.path().filename().string())) list.push_back(read_checkpoint(entry.path()));
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.update < b.update; });
  return list;
}

std::optional<Checkpoint> CheckpointStore::last() const {
  auto all = list();
  if (all.empty()) return {};
  return all.back();
}

std::optional<Checkpoint> CheckpointStore::best(bool higher_is_better) const {
  auto order = ranked(list(), higher_is_better);
  if (order.empty()) return {};
  return order.front();
}

void CheckpointStore::prune(int64_t keep_last, int64_t keep_best, bool higher_is_better) const {
  const auto all = list();
  std::vector<int64_t> kept;
  int64_t later = 0;
  for (size_t i = all.size(); i-- > 0;) {
    const bool is_newest = i + 1 == all.size();
    if (all[i].is_interim() ? is_newest : later++ < keep_last) kept.push_back(all[i].update);
  }
  const auto order = ranked(all, higher_is_better);
  for (size_t i = 0; i < order.size() && static_cast<int64_t>(i) < keep_best; ++i) kept.push_back(order[i].update);
  for (const auto& checkpoint : all) {
    if (std::find(kept.begin(), kept.end(), checkpoint.update) == kept.end()) remove_directory_durably(checkpoint.directory);
  }
}

NamedTensors named_parameters(const Module& model) {
  NamedTensors list;
  for (const auto& parameter : all_parameters(model)) list.emplace_back(parameter.name, parameter.tensor.detach());
  return list;
}

void restore(const std::filesystem::path& file, const NamedTensors& targets) {
  const auto content = read_safetensors(file);
  std::map<std::string, at::Tensor> given(content.tensors.begin(), content.tensors.end());
  for (const auto& [name, target] : targets) {
    const auto found = given.find(name);
    if (found == given.end()) throw DataError(file.string() + ": tensor '" + name + "' is missing: the file belongs to another model");
    if (found->second.sizes() != target.sizes()) {
      throw DataError(file.string() + ": tensor '" + name + "' has shape " + shape_of(found->second) + ", the model wants " +
                      shape_of(target));
    }
    at::Tensor(target).copy_(found->second);
    given.erase(found);
  }
  if (!given.empty())
    throw DataError(file.string() + ": tensor '" + given.begin()->first + "' has no place in the model: the file belongs to another");
}

void restore(const Checkpoint& checkpoint, const NamedTensors& model, const NamedTensors& training) {
  try {
    restore(checkpoint.directory / "model.safetensors", model);
    restore(checkpoint.directory / "training.safetensors", training);
  } catch (const DataError& error) {
    throw DataError(error.what() + way_out(checkpoint.directory));
  }
}

void average_checkpoints(const std::vector<Checkpoint>& checkpoints, const std::filesystem::path& directory) {
  TORCH_CHECK(!checkpoints.empty(), "nothing to average");
  std::vector<std::pair<std::string, at::Tensor>> sums;
  for (const auto& checkpoint : checkpoints) {
    const auto file = checkpoint.directory / "model.safetensors";
    auto content = read_safetensors(file);
    std::map<std::string, at::Tensor> given(content.tensors.begin(), content.tensors.end());
    if (sums.empty()) {
      for (auto& [name, tensor] : content.tensors) sums.emplace_back(name, tensor.to(at::kDouble));
      continue;
    }
    for (auto& [name, sum] : sums) {
      const auto found = given.find(name);
      if (found == given.end() || found->second.sizes() != sum.sizes())
        throw DataError(file.string() + ": tensor '" + name + "' differs from the others'");
      sum += found->second;
    }
  }
  for (auto& [name, sum] : sums) sum = (sum / static_cast<double>(checkpoints.size())).to(at::kFloat);
  std::string updates;
  for (const auto& checkpoint : checkpoints) updates += (updates.empty() ? "" : ",") + std::to_string(checkpoint.update);
  std::filesystem::create_directories(directory);
  write_safetensors(directory / "model.safetensors", sums, {{"mean_of_updates", updates}});
}

}  // namespace sublayer::training
