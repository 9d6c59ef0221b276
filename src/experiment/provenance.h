#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace sublayer::experiment {

// Program, libraries and machine that a result comes from: {"version", "commit", "libtorch", "cpu", "cores"}.
nlohmann::json describe_build();

std::string libtorch_version();

// The processor's name and the instruction sets that LibTorch uses on it.
std::string cpu_name();

}  // namespace sublayer::experiment
