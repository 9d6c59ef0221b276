#include "src/core/scratch_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <system_error>

namespace sublayer {

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "sublayer-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;  // a leftover in the system's temporary directory is no reason to fail
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sublayer
