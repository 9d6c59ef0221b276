#pragma once

#include <span>
#include <vector>

namespace sublayer::statistics {

// Holm's step-down procedure (1979): rejecting all hypotheses whose adjusted p is at most `level` makes the chance of any false rejection
// in the family at most `level`, whatever depends on whatever. In the order of the p given:
//   adjusted p of the k-th smallest of m = max over j <= k of min(1, (m - j + 1) p_j)
std::vector<double> holm(std::span<const double> p);

}  // namespace sublayer::statistics
