#include "src/experiment/report/scale.h"

#include "src/experiment/report/numbers.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {

Scale scale_around(double low, double high, double begin, double end, double padding) {
  if (!std::isfinite(low) || !std::isfinite(high) || low > high) low = 0, high = 1;
  if (high - low <= 1e-12 * std::max(std::abs(low), std::abs(high))) {
    const double room = low == 0 ? 1 : std::abs(low) * 0.05;
    low -= room;
    high += room;
  }
  const double room = padding * (high - low);
  return {low - room, high + room, begin, end};
}

std::vector<Tick> ticks(const Scale& scale, int count) {
  const double rough = (scale.high - scale.low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough) step = factor * power;
  }
  const int decimals = std::clamp(-static_cast<int>(std::floor(std::log10(step) + 1e-9)), 0, 12);
  std::vector<Tick> result;
  for (double k = std::ceil(scale.low / step - 1e-9); k * step <= scale.high + 1e-9 * step && result.size() < 100; ++k) {
    const double value = k * step;
    const bool is_large = decimals == 0 && std::abs(value) < 1e15;
    result.push_back({value, is_large ? grouped(std::llround(value)) : fixed(value, decimals)});
  }
  return result;
}

}  // namespace sublayer::experiment::reporting
