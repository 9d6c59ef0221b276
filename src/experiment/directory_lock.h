#pragma once

#include <filesystem>
#include <string>

namespace sublayer::experiment {

// A directory that one process works in at a time. The lock ends with the object, or with the process, however that ends.
class DirectoryLock {
 public:
  // ConfigError with `refusal` where another process holds it.
  DirectoryLock(const std::filesystem::path& directory, const std::string& refusal);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace sublayer::experiment
