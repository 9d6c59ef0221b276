#include "src/core/safetensors_file.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "src/core/errors.h"
#include "src/core/hash.h"

namespace sublayer {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data are little-endian and are written and read as they are");

constexpr uint64_t largest_header = 100'000'000;  // as in the reference implementation

}  // namespace

std::string write_safetensors_parts(const std::filesystem::path& file, const std::vector<SafetensorsPart>& parts,
                                    const std::map<std::string, std::string>& metadata) {
  SafetensorsHeader header;
  header.metadata = metadata;
  Hasher hasher;
  uint64_t end = 0;
  for (const auto& part : parts) {
    const uint64_t begin = end;
    end += part.bytes.size();
    header.entries.push_back({part.name, part.dtype, part.shape, begin, end});
    hasher.update(part.bytes);
  }
  header.data_hash = hasher.digest();
  const std::string text = format_safetensors_header(header);
  const uint64_t header_size = text.size();
  DurableFile output(file);
  output.append({reinterpret_cast<const char*>(&header_size), sizeof(header_size)});
  output.append(text);
  for (const auto& part : parts) output.append(part.bytes);
  output.commit();
  return hash_bytes(text);
}

SafetensorsHeader read_safetensors_header(InputFile& input, const std::string& file) {
  const uint64_t file_size = input.size();
  uint64_t header_size = 0;
  if (input.read(&header_size, sizeof(header_size)) < sizeof(header_size)) {
    throw DataError(file + ": truncated: " + std::to_string(file_size) + " bytes cannot be a safetensors file");
  }
  const uint64_t rest = std::max(file_size, uint64_t{sizeof(header_size)}) - sizeof(header_size);
  if (header_size > std::min(rest, largest_header)) {
    throw DataError(file + ": a header of " + std::to_string(header_size) + " bytes in a file of " + std::to_string(file_size) +
                    ": truncated, or not a safetensors file");
  }
  std::string text(header_size, '\0');
  if (input.read(text.data(), text.size()) < text.size()) throw DataError(file + ": truncated while it was read");
  return parse_safetensors_header(text, rest - header_size, file);
}

MappedSafetensors::MappedSafetensors(const std::filesystem::path& file) : file_(file), mapping_(file) {
  InputFile input(file);
  header_ = read_safetensors_header(input, file.string());
  if (header_.data_hash.empty()) throw DataError(file.string() + ": has no checksums: written by another program");
  uint64_t header_size = 0;
  std::memcpy(&header_size, mapping_.bytes().data(), sizeof header_size);
  data_begin_ = sizeof header_size + header_size;
  identity_ = hash_bytes(mapping_.bytes().substr(sizeof header_size, header_size));
}

SafetensorsPart MappedSafetensors::part(const std::string& name) const {
  for (const auto& entry : header_.entries) {
    if (entry.name != name || entry.shape.size() != 1) continue;
    return {name, entry.dtype, entry.shape, mapping_.bytes().substr(data_begin_ + entry.begin, entry.end - entry.begin)};
  }
  throw DataError(file_.string() + ": " + tensor_in_message(name) + " is missing, or has not one dimension");
}

void MappedSafetensors::verify() const {
  // Read and not looked at in the mapping: the file may be larger than the memory that this process should take.
  InputFile input(file_);
  std::string buffer(std::max<uint64_t>(data_begin_, uint64_t{1} << 20), '\0');
  input.read(buffer.data(), data_begin_);
  Hasher hasher;
  while (const size_t count = input.read(buffer.data(), buffer.size())) hasher.update({buffer.data(), count});
  if (hasher.digest() != header_.data_hash) throw DataError(file_.string() + ": altered or damaged: checksum differs (tensor data)");
}

}  // namespace sublayer
