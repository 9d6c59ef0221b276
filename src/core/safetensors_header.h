#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sublayer {

// The JSON header of a safetensors file: what stands between the 8-byte length and the tensor data.

struct SafetensorsEntry {
  std::string name;
  c10::ScalarType dtype = c10::ScalarType::Float;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  // bytes within the data section
  uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the order of the data
  std::map<std::string, std::string> metadata;
  std::string data_hash;  // of the data section; empty: the writer stored none
};

// JSON text, padded with spaces so that the data start at a multiple of 64. The header carries its own hash and that of the data, in the
// metadata as "xxh3_header" and "xxh3", so that every altered byte is found. A dtype that the format lacks is a c10::Error.
std::string format_safetensors_header(const SafetensorsHeader& header);

// Checks everything that can be checked without the data; what is wrong is a DataError "FILE: ...". The two hashes are no part of the
// metadata returned. Files without hashes (of other writers) are accepted.
SafetensorsHeader parse_safetensors_header(std::string_view text, uint64_t data_size, const std::string& file);

// "tensor 'NAME'" for a message of one line: control characters escaped, very long names cut.
std::string tensor_in_message(std::string_view name);

}  // namespace sublayer
