#include "src/experiment/report/scale.h"

#include "src/experiment/report/numbers.h"

#include <algorithm>
#include <cmath>

namespace sublayer::experiment::reporting {
namespace {

struct RoundValue {
  int factor, exponent;
  double value() const { return factor * std::pow(10, exponent); }
};

// "0.05", or "5\u00d710\u207b\u2076" on an axis where that would be a row of zeros.
std::string label_of(const RoundValue& round, bool is_short) {
  if (is_short) return round.exponent < 0 ? fixed(round.value(), -round.exponent) : grouped(std::llround(round.value()));
  return (round.factor == 1 ? "" : std::to_string(round.factor) + "\u00d7") + power_of_ten(round.exponent);
}

std::vector<Tick> logarithmic_ticks(const Scale& scale, int count) {
  const double decades = std::log10(scale.high) - std::log10(scale.low);
  const bool has_room = 3 * decades <= count + 2;
  const int every = std::max(1, static_cast<int>(std::ceil(decades / count)));
  const int first = static_cast<int>(std::floor(std::log10(scale.low))), last = static_cast<int>(std::floor(std::log10(scale.high)));
  std::vector<RoundValue> values;
  for (int exponent = first; exponent <= last; ++exponent) {
    for (const RoundValue round : {RoundValue{1, exponent}, RoundValue{2, exponent}, RoundValue{5, exponent}}) {
      if (exponent % every != 0 || (round.factor > 1 && !has_room)) continue;
      if (round.value() >= scale.low && round.value() <= scale.high) values.push_back(round);
    }
  }
  const bool is_short = !values.empty() && values.front().exponent >= -4 && values.back().exponent <= 4;
  std::vector<Tick> result;
  for (const RoundValue& round : values) result.push_back({round.value(), label_of(round, is_short)});
  return result;
}

}  // namespace

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

Scale logarithmic_scale_around(double low, double high, double begin, double end, double padding) {
  const Scale logarithms = scale_around(std::log10(low), std::log10(high), begin, end, padding);
  return {std::pow(10, logarithms.low), std::pow(10, logarithms.high), begin, end, true};
}

std::vector<Tick> ticks(const Scale& scale, int count) {
  if (scale.is_logarithmic) {
    // Within a decade round values lie as close as on a linear scale.
    if (std::vector<Tick> powers = logarithmic_ticks(scale, count); powers.size() > 1) return powers;
  }
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
