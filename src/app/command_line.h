#pragma once

#include <string>

namespace sublayer::app {

// A word of a command line as a shell reads it.
std::string quoted(const std::string& word);

}  // namespace sublayer::app
