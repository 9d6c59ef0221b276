#include "src/core/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "src/core/errors.h"

namespace sublayer {

MappedFile::MappedFile(const std::filesystem::path& file) {
  const auto fail = [&] { throw DataError(file.string() + ": cannot read: " + std::generic_category().message(errno)); };
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail();
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && status.st_size > 0) {
    address_ = ::mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address_ == MAP_FAILED) address_ = nullptr;
    if (address_) size_ = static_cast<size_t>(status.st_size);
  }
  const int error = errno;
  ::close(descriptor);
  errno = error;
  if (!address_ && status.st_size > 0) fail();
}

MappedFile::~MappedFile() {
  if (address_) ::munmap(address_, size_);
}

void MappedFile::release() const {
  if (address_) ::madvise(address_, size_, MADV_DONTNEED);
}

}  // namespace sublayer
