#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace sublayer::app {

// A check of an option: a whole number that is not below `smallest`. CLI11's own checks print the range of a double.
CLI::Validator at_least(int64_t smallest);

// One line about arguments that were refused: what is wrong, what was meant, where to read more.
std::string wrong_use(const CLI::App& program, const CLI::ParseError& error);

}  // namespace sublayer::app
