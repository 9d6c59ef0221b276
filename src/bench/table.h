#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sublayer::bench {

// The measurements of one program, as `sublayer bench` writes them to --json, for people.
std::string table_of(const nlohmann::json& report);

}  // namespace sublayer::bench
