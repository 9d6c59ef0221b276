#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace sublayer {

// The bytes of a file as memory: a page is read when it is looked at, and the system may drop it at any time. DataError where the file
// cannot be read. The file must not be cut while it is mapped.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(address_), size_}; }
  // Pages that were looked at no longer count as memory of this process; they are read again when needed.
  void release() const;

 private:
  void* address_ = nullptr;
  size_t size_ = 0;
};

}  // namespace sublayer
