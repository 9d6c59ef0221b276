#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "data/manifest.h"
#include "src/experiment/run_config.h"

namespace sublayer::experiment {

struct PrepareRequest {
  RunConfig config;
  std::filesystem::path directory;
  int64_t shard_pairs = 65536;                                       // of a shard, before length limits
  std::function<void(int64_t pairs, int64_t shards)> progress = {};  // finished so far; one call at a time, on any thread
};

// Tokenises the training split of a config into shards that training.prepared reads, on all cores and in memory that does not grow with
// the text, where the task can stream it and the tokenizer is there. Killed at any instant it goes on when it is called again: shards that
// are whole and of the same text and tokenizer are kept. ConfigError where the directory holds something else.
struct PrepareOutcome {
  data::Manifest manifest;
  int64_t kept_shards = 0;  // that were there already
};
PrepareOutcome prepare(const PrepareRequest& request);

}  // namespace sublayer::experiment
