#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/module.h"
#include "src/core/safetensors.h"

namespace sublayer::training {

// A complete checkpoint on the disk: model.safetensors, training.safetensors (the optimizer's state) and state.json.
struct Checkpoint {
  std::filesystem::path directory;
  int64_t update = 0;
  std::optional<double> selection;  // what checkpoints are ranked by, if there was a validation at this update
  nlohmann::json state;             // of the training

  // Whether it was written because the training was interrupted, not because one was due: it gives way to the next.
  bool is_interim() const { return state.value("end", "") == "interrupted"; }
};

// The checkpoints of a run, `checkpoints/update_00001000`, ...
class CheckpointStore {
 public:
  explicit CheckpointStore(std::filesystem::path run) : directory_(std::move(run) / "checkpoints") {}

  const std::filesystem::path& directory() const { return directory_; }

  // Complete once it returns; killed before, it leaves nothing that `list` shows.
  void write(int64_t update, std::optional<double> selection, const nlohmann::json& state, const NamedTensors& model,
             const NamedTensors& training) const;

  // By update. DataError where one is damaged.
  std::vector<Checkpoint> list() const;
  std::optional<Checkpoint> last() const;
  std::optional<Checkpoint> best(bool higher_is_better) const;  // of those with a validation; the earlier of equals

  // Deletes all but the last and the best ones. An interim one counts for neither and is kept only while it is the newest.
  void prune(int64_t keep_last, int64_t keep_best, bool higher_is_better) const;

 private:
  std::filesystem::path directory_;
};

// state.json of one checkpoint directory.
Checkpoint read_checkpoint(const std::filesystem::path& directory);

// The parameters of a model by name; the tensors are the model's own.
NamedTensors named_parameters(const Module& model);

// Copies the tensors of a safetensors file into `targets`, all of them by name and shape. DataError where one is missing, of another
// shape or too many.
void restore(const std::filesystem::path& file, const NamedTensors& targets);

// Both files of a checkpoint. A DataError also says how to go on without it.
void restore(const Checkpoint& checkpoint, const NamedTensors& model, const NamedTensors& training);

// The mean of the parameters of several model.safetensors files (Junczys-Dowmunt et al. 2016), written as `directory`/model.safetensors.
void average_checkpoints(const std::vector<Checkpoint>& checkpoints, const std::filesystem::path& directory);

}  // namespace sublayer::training
