#pragma once

#include <filesystem>

#include "src/experiment/findings.h"

namespace sublayer::app {

// Writes the report's files into `directory` and prints the verdicts.
void write_conclusion(const experiment::Findings& findings, const std::filesystem::path& directory);

}  // namespace sublayer::app
