#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sublayer::evaluation {

enum class EditUnit { word, character };

// Those of a corpus are sums over its segments.
struct EditCounts {
  int64_t distance = 0;          // fewest insertions, deletions and substitutions of a unit
  int64_t reference_length = 0;  // units
};

// The Levenshtein distance between a hypothesis and its reference in words (pieces between white space) or characters (code points, white
// space included). Texts are UTF-8; throws std::invalid_argument for ill-formed ones.
EditCounts count_edits(EditUnit unit, std::string_view hypothesis, std::string_view reference);

// Edits in percent of the reference's units; above 100 where a hypothesis is much longer. A length of 0 counts as 1: empty references,
// which single items and small groups may have, give a finite rate, and 0 for a copy.
double error_rate(const EditCounts& counts);

}  // namespace sublayer::evaluation
