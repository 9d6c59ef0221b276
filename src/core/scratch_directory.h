#pragma once

#include <filesystem>
#include <string>

namespace sublayer {

// A directory of this process below the system's for temporary files, which others cannot guess or read; deleted with everything in it at
// the end.
class ScratchDirectory {
 public:
  // Throws std::system_error.
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace sublayer
