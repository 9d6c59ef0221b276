#include "src/core/suggest.h"

#include <algorithm>
#include <numeric>

namespace sublayer {
namespace {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

std::string suggest(std::string_view given, const std::vector<std::string>& known) {
  std::string text;
  const std::string* nearest = nullptr;
  size_t best = std::max<size_t>(2, given.size() / 3) + 1;
  for (const auto& name : known) {
    const size_t distance = edit_distance(given, name);
    if (distance < best) {
      best = distance;
      nearest = &name;
    }
  }
  if (nearest) text += " Did you mean '" + *nearest + "'?";
  text += " Known: ";
  if (known.empty()) text += "nothing";
  for (size_t i = 0; i < known.size(); ++i) text += (i ? ", " : "") + known[i];
  return text;
}

}  // namespace sublayer
