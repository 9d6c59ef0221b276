#pragma once

#include <string>
#include <vector>

namespace sublayer::experiment::reporting {

// Values on a straight line of a drawing.
struct Scale {
  double low = 0, high = 1;   // values
  double begin = 0, end = 1;  // where they lie

  double at(double value) const { return begin + (value - low) / (high - low) * (end - begin); }
};

// A little wider than the values; never of no width, also where there is one value or none.
Scale scale_around(double low, double high, double begin, double end, double padding = 0.06);

struct Tick {
  double value = 0;
  std::string label;
};

// Round values (1, 2 or 5 times a power of ten) with the decimals that tell them apart. At most about `count`.
std::vector<Tick> ticks(const Scale& scale, int count);

}  // namespace sublayer::experiment::reporting
