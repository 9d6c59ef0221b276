#pragma once

#include <cmath>
#include <string>
#include <vector>

namespace sublayer::experiment::reporting {

// Values on a straight line of a drawing.
struct Scale {
  double low = 0, high = 1;   // values
  double begin = 0, end = 1;  // where they lie
  bool is_logarithmic = false;

  double at(double value) const {
    if (is_logarithmic) return begin + (std::log(value) - std::log(low)) / (std::log(high) - std::log(low)) * (end - begin);
    return begin + (value - low) / (high - low) * (end - begin);
  }
};

// A little wider than the values; never of no width, also where there is one value or none.
Scale scale_around(double low, double high, double begin, double end, double padding = 0.06);

// The same for positive values with equal ratios at equal distances.
Scale logarithmic_scale_around(double low, double high, double begin, double end, double padding = 0.06);

struct Tick {
  double value = 0;
  std::string label;
};

// Round values (1, 2 or 5 times a power of ten) with the decimals that tell them apart. At most about `count`. On a logarithmic scale
// powers of ten, with 2 and 5 times them where there is room.
std::vector<Tick> ticks(const Scale& scale, int count);

}  // namespace sublayer::experiment::reporting
