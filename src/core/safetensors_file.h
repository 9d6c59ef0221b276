#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/files.h"
#include "src/core/mapped_file.h"
#include "src/core/safetensors_header.h"

namespace sublayer {

// A safetensors file as bytes, for code that knows no tensors.

struct SafetensorsPart {
  std::string name;
  c10::ScalarType dtype = c10::ScalarType::Float;
  std::vector<int64_t> shape;
  std::string_view bytes;
};

// Writes the parts in their order, durably. Wider elements must come first, as other readers need aligned data. Returns the file's
// identity.
std::string write_safetensors_parts(const std::filesystem::path& file, const std::vector<SafetensorsPart>& parts,
                                    const std::map<std::string, std::string>& metadata);

// Reads the length and the header; `input` stands at the data afterwards.
SafetensorsHeader read_safetensors_header(InputFile& input, const std::string& file);

// One of our safetensors files, read where it lies: only the pages that are looked at are in memory. Whatever is wrong with it is a
// DataError that names the file.
class MappedSafetensors {
 public:
  explicit MappedSafetensors(const std::filesystem::path& file);

  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  // A hash of the header, in which the hash of the data stands: files of equal identity are equal.
  const std::string& identity() const { return identity_; }
  // The part of this name; DataError where there is none with one dimension.
  SafetensorsPart part(const std::string& name) const;
  // Reads the whole file; DataError where a byte of the data is not what was written.
  void verify() const;
  // The pages that were looked at go back to the system. What was read stays readable.
  void release() const { mapping_.release(); }

 private:
  std::filesystem::path file_;
  MappedFile mapping_;
  SafetensorsHeader header_;
  std::string identity_;
  uint64_t data_begin_ = 0;
};

}  // namespace sublayer
