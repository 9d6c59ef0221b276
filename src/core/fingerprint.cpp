#include "src/core/fingerprint.h"

#include <algorithm>
#include <map>
#include <sstream>

namespace sublayer {
namespace {

std::map<std::string, std::string> values_of(const std::string& text) {
  std::map<std::string, std::string> values;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = std::min(line.find(": "), line.size());
    values[line.substr(0, colon)] = line.substr(std::min(colon + 2, line.size()));
  }
  return values;
}

}  // namespace

std::string fingerprint_differences(const std::string& there, const std::string& here) {
  auto theirs = values_of(there), ours = values_of(here);
  auto keys = theirs;
  keys.insert(ours.begin(), ours.end());
  const auto shown = [](const std::string& value) { return value.empty() ? "nothing" : value; };
  std::string text;
  for (const auto& [key, ignored] : keys) {
    if (theirs[key] == ours[key]) continue;
    text += (text.empty() ? "" : "; ") + key + ": " + shown(theirs[key]) + " there, " + shown(ours[key]) + " here";
  }
  return text;
}

}  // namespace sublayer
