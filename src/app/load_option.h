#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace sublayer::app {

// Gives the program and each of its commands the option --load. The files are loaded once all arguments are read and before the command
// begins.
void add_load_option(CLI::App& program);

// The options that the files were given with, as words of a command line and as text with a leading space.
std::vector<std::string> load_words();
std::string load_text();

}  // namespace sublayer::app
