#pragma once

#include <string>

namespace sublayer::experiment::reporting {

// What every page begins with: nothing but the file itself is needed, and the browser is told to refuse any request.
std::string page_head(const std::string& title, const std::string& style);

// A part of a page under a heading of its own; heading and content are HTML.
std::string page_section(const std::string& id, const std::string& heading, const std::string& content);

}  // namespace sublayer::experiment::reporting
