#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "data/dataset.h"

namespace sublayer::data {

// Some pairs of a tokenised training split in a file: safetensors with the ids of either side one after the other, and where each sentence
// ends (source.ids, source.ends, target.ids, target.ends).

// A shard as it lies in its file, which is read where it is looked at.
struct Shard {
  SentenceRun source, target;
  int64_t long_sources = 0, long_targets = 0;  // pairs that length limits left out
  std::string origin;                          // hash of all that its content depends on
  std::string identity;                        // hash of its content
};

// Writes a shard durably. The same pairs of the same origin give the same bytes.
void write_shard(const std::filesystem::path& file, const TokenizedPairs& pairs, const std::string& origin);

// Reads the whole file once, to see that it is what was written. DataError where it is truncated, altered or no shard.
Shard open_shard(const std::filesystem::path& file);

}  // namespace sublayer::data
