#include "src/experiment/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <system_error>

#include "src/core/errors.h"

namespace sublayer::experiment {

DirectoryLock::DirectoryLock(const std::filesystem::path& directory, const std::string& refusal) {
  std::filesystem::create_directories(directory);
  const auto file = directory / "lock";
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), file.string());
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    throw ConfigError(directory.string() + ": " + refusal);
  }
}

DirectoryLock::~DirectoryLock() { ::close(descriptor_); }

}  // namespace sublayer::experiment
