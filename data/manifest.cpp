#include "data/manifest.h"

#include <nlohmann/json.hpp>

#include "data/shard.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/hash.h"

namespace sublayer::data {
namespace {

using nlohmann::json;

constexpr int manifest_format = 1;

std::filesystem::path manifest_file(const std::filesystem::path& directory) { return directory / "manifest.json"; }

json to_json(const Manifest& manifest) {
  json content = {
      {"format", manifest_format}, {"tokenizer", manifest.tokenizer}, {"text", manifest.text}, {"complete", manifest.is_complete}};
  ShardEntry sum;
  content["shards"] = json::array();
  for (const auto& shard : manifest.shards) {
    content["shards"].push_back({{"file", shard.file},
                                 {"identity", shard.identity},
                                 {"pairs", shard.pairs},
                                 {"source_tokens", shard.source_tokens},
                                 {"target_tokens", shard.target_tokens}});
    sum.pairs += shard.pairs;
    sum.source_tokens += shard.source_tokens;
    sum.target_tokens += shard.target_tokens;
  }
  content["pairs"] = sum.pairs;
  content["source_tokens"] = sum.source_tokens;
  content["target_tokens"] = sum.target_tokens;
  content["dropped"] = json::array();
  for (const auto& [rule, count] : manifest.dropped) content["dropped"].push_back({{"rule", rule}, {"pairs", count}});
  return content;
}

Manifest from_json(const json& content) {
  Manifest manifest{content.at("tokenizer"), content.at("text"), content.at("complete"), {}, {}};
  for (const auto& shard : content.at("shards"))
    manifest.shards.push_back(
        {shard.at("file"), shard.at("identity"), shard.at("pairs"), shard.at("source_tokens"), shard.at("target_tokens")});
  for (const auto& rule : content.at("dropped")) manifest.dropped.emplace_back(rule.at("rule"), rule.at("pairs"));
  return manifest;
}

}  // namespace

std::optional<Manifest> read_manifest(const std::filesystem::path& directory) {
  const auto file = manifest_file(directory);
  if (!std::filesystem::exists(file)) return std::nullopt;
  const auto error = [&](const std::string& what) {
    return DataError(file.string() + ": " + what + "; remove it and run the same `sublayer prepare` again: finished shards are kept");
  };
  try {
    auto content = json::parse(read_file(file));
    const std::string checksum = content.at("checksum");
    content.erase("checksum");
    if (checksum != hash_bytes(content.dump())) throw error("altered or damaged: its checksum differs");
    if (content.at("format") != manifest_format) throw error("written by another version");
    return from_json(content);
  } catch (const json::exception&) {
    throw error("truncated or damaged: not a manifest of prepared pairs");
  }
}

void write_manifest(const std::filesystem::path& directory, const Manifest& manifest) {
  auto content = to_json(manifest);
  content["checksum"] = hash_bytes(content.dump());
  write_file_durably(manifest_file(directory), content.dump(1) + "\n");
}

Dataset open_shards(const std::filesystem::path& directory, const Manifest& manifest) {
  Dataset dataset;
  const std::string way_out = "; run the same `sublayer prepare` again: it makes this shard anew";
  for (const auto& entry : manifest.shards) {
    const auto file = directory / entry.file;
    Shard shard;
    try {
      shard = open_shard(file);
    } catch (const DataError& error) {
      throw DataError(error.what() + way_out);
    }
    if (shard.identity != entry.identity) throw DataError(file.string() + ": another shard than the one that was prepared" + way_out);
    dataset.source.append(std::move(shard.source));
    dataset.target.append(std::move(shard.target));
  }
  return dataset;
}

}  // namespace sublayer::data
