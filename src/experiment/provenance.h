#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace sublayer::experiment {

// Program, libraries and machine that a result comes from: {"version", "commit", "libtorch", "cpu", "cores", "loaded"}.
nlohmann::json describe_build();

// What stands in a run's directory about where its results come from. DataError where it is damaged.
nlohmann::json read_provenance(const std::filesystem::path& run);

std::string libtorch_version();

// The processor's name and the instruction sets that LibTorch uses on it.
std::string cpu_name();

}  // namespace sublayer::experiment
