#include "src/app/command_line.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace sublayer::app {

std::string quoted(const std::string& word) {
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) || c >= 0x80 || (c != 0 && std::strchr("_./=,:+-", c)); };
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return word;
  std::string inside;
  for (const char c : word) inside += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + inside + "'";
}

}  // namespace sublayer::app
