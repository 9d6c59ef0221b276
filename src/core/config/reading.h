#pragma once

#include "src/core/config/fields.h"

namespace sublayer::config {

// The text of a scalar; of anything else a ConfigError says what was expected.
const std::string& scalar_of(const Node& node, const std::string& path, const std::string& expected);

// Keeps where a value was stated, if somebody stated it.
void log_origin(const Node& node, const Place& place);

}  // namespace sublayer::config
