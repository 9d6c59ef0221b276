#pragma once

#include <cstdint>

namespace sublayer::statistics {

// Level of look k = 1, 2, ... at data that grow between looks, when each look spends the share `spend` of what is left of `level`:
//   level * spend * (1 - spend)^(k - 1)
// The levels of all looks sum to at most `level`, so the chance of a false claim at any look is at most `level`: a union bound. It holds
// for any number of looks without a planned maximum, whatever made one look again, and however looks depend on each other; it gives away a
// little power for that. Spending a level over looks: Lan and DeMets 1983. Such claims are final: a later look does not take them back.
// With spend 1 there is one look only; a second one throws std::invalid_argument, as does what lies outside 0 < level < 1, 0 < spend <= 1.
double look_level(double level, double spend, int64_t look);

}  // namespace sublayer::statistics
