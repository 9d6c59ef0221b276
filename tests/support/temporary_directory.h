#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "src/core/scratch_directory.h"

namespace sublayer::test {

using TemporaryDirectory = ScratchDirectory;

// Plain writing and reading, independent of the code under test.
inline std::filesystem::path write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  return file;
}

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace sublayer::test
