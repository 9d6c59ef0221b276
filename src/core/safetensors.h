#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sublayer {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

struct Safetensors {
  NamedTensors tensors;  // on the CPU, contiguous
  std::map<std::string, std::string> metadata;
};

// Writes named tensors as a safetensors file, durably. Equal content gives equal bytes. Tensors of wider elements come first, as other
// readers need aligned data; apart from that their order stays. Names must be unique, and metadata must not use "xxh3" and "xxh3_header",
// which hold the checksums.
void write_safetensors(const std::filesystem::path& file, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata = {});

// Reads a file of any writer, in the order of its data. Whatever is wrong with it is a DataError that names the file and, where one is
// at fault, the tensor; where the file has checksums, as ours have, any altered byte is found. Runs no code from the file.
Safetensors read_safetensors(const std::filesystem::path& file);

}  // namespace sublayer
