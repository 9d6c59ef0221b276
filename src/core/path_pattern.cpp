#include "src/core/path_pattern.h"

#include <algorithm>
#include <cctype>

namespace sublayer {

bool fits_pattern(std::string_view path, std::string_view pattern) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() != '*') return !path.empty() && path.front() == pattern.front() && fits_pattern(path.substr(1), pattern.substr(1));
  const bool crosses_dots = pattern.starts_with("**");
  const auto rest = pattern.substr(crosses_dots ? 2 : 1);
  for (size_t taken = 0; taken <= path.size(); ++taken) {
    if (fits_pattern(path.substr(taken), rest)) return true;
    if (taken < path.size() && path[taken] == '.' && !crosses_dots) return false;
  }
  return false;
}

LayerPattern layer_pattern(const std::string& path) {
  for (size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) {
    const size_t end = std::min(path.find('.', dot + 1), path.size());
    const std::string segment = path.substr(dot + 1, end - dot - 1);
    if (!segment.empty() && std::all_of(segment.begin(), segment.end(), [](unsigned char c) { return std::isdigit(c); }))
      return {path.substr(0, dot + 1) + "*" + path.substr(end), std::stoll(segment)};
  }
  return {path, 0};
}

}  // namespace sublayer
