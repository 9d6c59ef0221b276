#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/batch.h"
#include "data/task/task.h"

namespace sublayer::data {

// A shard as the manifest knows it.
struct ShardEntry {
  std::string file, identity;
  int64_t pairs = 0, source_tokens = 0, target_tokens = 0;
};

// What a directory of prepared pairs holds: manifest.json, written when the tokenizer is there, and again when all shards are.
struct Manifest {
  std::string tokenizer;  // content hash
  std::string text;       // content hash of the training split; empty: not known yet
  bool is_complete = false;
  std::vector<ShardEntry> shards;
  task::Dropped dropped;
};

std::optional<Manifest> read_manifest(
    const std::filesystem::path& directory);  // none where there is no such file; DataError where it is damaged
void write_manifest(const std::filesystem::path& directory, const Manifest& manifest);

// The pairs of all shards in their order. Each file is read once and checked; DataError where one is not what the manifest says.
Dataset open_shards(const std::filesystem::path& directory, const Manifest& manifest);

}  // namespace sublayer::data
