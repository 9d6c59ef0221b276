#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/catch.h"

namespace sublayer::test {

// The repository: ctest says where it is; a test program started by hand is started there.
inline std::filesystem::path source_directory() {
  const char* given = std::getenv("SUBLAYER_SOURCE_DIR");
  return given ? given : ".";
}

// Where corpora for tests lie: SUBLAYER_CORPORA, else ../shared/corpora beside the repository.
inline std::filesystem::path corpora_directory() {
  const char* given = std::getenv("SUBLAYER_CORPORA");
  return given ? std::filesystem::path(given) : source_directory() / ".." / "shared" / "corpora";
}

// Whether a corpus is there; a test without it warns and ends.
inline bool has_corpus(const std::string& name) {
  if (std::filesystem::exists(corpora_directory() / name)) return true;
  WARN("skipped: there is no " << (corpora_directory() / name).string() << " (SUBLAYER_CORPORA names the folder of corpora)");
  return false;
}

}  // namespace sublayer::test
