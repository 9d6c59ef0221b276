#include "src/evaluation/edit_distance.h"

#include "src/evaluation/text.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace sublayer::evaluation {
namespace {

// Wagner and Fischer's table, a row at a time: distances[j] is that between the units of `a` so far and the first j ones of `b`.
template <class Units>
EditCounts edits_between(const Units& a, const Units& b) {
  std::vector<int64_t> distances(b.size() + 1);
  std::iota(distances.begin(), distances.end(), int64_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    int64_t diagonal = distances[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const int64_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = distances[j + 1];
      distances[j + 1] = std::min({substituted, diagonal + 1, distances[j] + 1});
    }
  }
  return {.distance = distances.back(), .reference_length = std::ssize(b)};
}

}  // namespace

EditCounts count_edits(EditUnit unit, std::string_view hypothesis, std::string_view reference) {
  const auto hypothesis_text = code_points_of("hypothesis", hypothesis), reference_text = code_points_of("reference", reference);
  if (unit == EditUnit::character) return edits_between(hypothesis_text, reference_text);
  return edits_between(split(hypothesis_text), split(reference_text));
}

double error_rate(const EditCounts& counts) {
  return 100 * static_cast<double>(counts.distance) / static_cast<double>(std::max<int64_t>(counts.reference_length, 1));
}

}  // namespace sublayer::evaluation
