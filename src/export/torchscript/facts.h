#pragma once

#include <string>

#include "src/export/format/format.h"

namespace sublayer::format::torchscript {

// The bytes of sublayer.json: what the reader of an exported file must know, as JSON.
std::string facts(const ExportInput& input);

}  // namespace sublayer::format::torchscript
