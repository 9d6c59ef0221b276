#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/core/registry.h"

namespace sublayer {

// A shared object with variants, built outside the program (CMake's sublayer_add_variant) and loaded into it.
struct VariantFile {
  std::string given;  // as typed
  std::filesystem::path path;
  std::string hash;
  std::vector<VariantName> variants;
};

// Loads the file for as long as the program runs: its variants register themselves. A UserError says why that cannot be; what can be known
// without running code of the file is looked at before any of it runs.
void load_variant_file(const std::string& given);

// In the order of loading.
const std::vector<VariantFile>& loaded_variant_files();

}  // namespace sublayer
