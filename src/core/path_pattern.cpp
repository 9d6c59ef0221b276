#include "src/core/path_pattern.h"

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

}  // namespace sublayer
