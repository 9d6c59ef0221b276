#include "data/shard.h"

#include <charconv>

#include "src/core/errors.h"
#include "src/core/safetensors_file.h"

namespace sublayer::data {
namespace {

constexpr const char* shard_format = "sublayer pairs 1";

class ShardFile : public SentenceStorage {
 public:
  explicit ShardFile(const std::filesystem::path& path) : path_(path), file_(path) {
    if (text("format") != shard_format) fail("it is no shard of prepared pairs, or one of another version");
    file_.verify();
  }
  void release() const override { file_.release(); }

  std::string identity() const { return file_.identity(); }
  std::string text(const std::string& key) const {
    const auto found = file_.metadata().find(key);
    return found == file_.metadata().end() ? "" : found->second;
  }
  int64_t number(const std::string& key) const {
    const std::string digits = text(key);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < 0) fail("its '" + key + "' is not a number");
    return value;
  }

  static SentenceRun run_of(const std::shared_ptr<const ShardFile>& file, const std::string& side) {
    const auto ends = file->file_.part(side + ".ends"), ids = file->file_.part(side + ".ids");
    const bool is_wide = ids.dtype == c10::ScalarType::UInt32;
    if (ends.dtype != c10::ScalarType::UInt32 || (!is_wide && ids.dtype != c10::ScalarType::UInt16))
      file->fail("its ids are of another type");
    SentenceRun run{ends.shape[0], reinterpret_cast<const uint32_t*>(ends.bytes.data()), ids.bytes.data(), is_wide, file};
    if ((run.size == 0 ? 0 : run.ends[run.size - 1]) != ids.shape[0]) file->fail("its sentences do not end where its ids do");
    return run;
  }
  [[noreturn]] void fail(const std::string& what) const { throw DataError(path_.string() + ": " + what); }

 private:
  std::filesystem::path path_;
  MappedSafetensors file_;
};

template <class T>
SafetensorsPart part_of(const std::string& name, c10::ScalarType dtype, std::span<const T> values) {
  return {name, dtype, {std::ssize(values)}, {reinterpret_cast<const char*>(values.data()), values.size_bytes()}};
}

SafetensorsPart ids_of(const std::string& name, const SentenceBlock& block) {
  return block.is_wide() ? part_of(name, c10::ScalarType::UInt32, block.wide_ids())
                         : part_of(name, c10::ScalarType::UInt16, block.narrow_ids());
}

}  // namespace

void write_shard(const std::filesystem::path& file, const TokenizedPairs& pairs, const std::string& origin) {
  std::vector<SafetensorsPart> parts = {part_of("source.ends", c10::ScalarType::UInt32, pairs.source->ends()),
                                        part_of("target.ends", c10::ScalarType::UInt32, pairs.target->ends()),
                                        ids_of("source.ids", *pairs.source), ids_of("target.ids", *pairs.target)};
  if (!pairs.source->is_wide()) std::swap(parts[2], parts[3]);  // wider elements first
  write_safetensors_parts(file, parts,
                          {{"format", shard_format},
                           {"origin", origin},
                           {"long_sources", std::to_string(pairs.long_sources)},
                           {"long_targets", std::to_string(pairs.long_targets)}});
}

Shard open_shard(const std::filesystem::path& path) {
  const auto file = std::make_shared<const ShardFile>(path);
  Shard shard{ShardFile::run_of(file, "source"),
              ShardFile::run_of(file, "target"),
              file->number("long_sources"),
              file->number("long_targets"),
              file->text("origin"),
              file->identity()};
  if (shard.source.size != shard.target.size) file->fail("its sides have different numbers of sentences");
  return shard;
}

}  // namespace sublayer::data
