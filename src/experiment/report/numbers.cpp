#include "src/experiment/report/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace sublayer::experiment::reporting {
namespace {

std::string digits_of(double value, std::chars_format format, int precision) {
  std::array<char, 512> buffer;  // a double has up to 309 digits before the point
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision);
  return {buffer.data(), end};
}

// -0.00 is 0.00, and a hyphen is no minus.
std::string with_minus_sign(std::string digits) {
  if (digits.empty() || digits[0] != '-') return digits;
  digits.erase(0, 1);
  return digits.find_first_of("123456789") == std::string::npos ? digits : "\u2212" + digits;
}

void drop_trailing_zeros(std::string& digits) {
  if (digits.find('.') == std::string::npos) return;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
}

}  // namespace

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return absent;
  if (std::abs(value) >= 1e12) return significant(value, 4);
  return with_minus_sign(digits_of(value, std::chars_format::fixed, decimals));
}

std::string signed_fixed(double value, int decimals) {
  const std::string digits = fixed(value, decimals);
  const bool is_zero = digits.find_first_of("123456789") == std::string::npos;
  return value > 0 && std::isfinite(value) && !is_zero ? "+" + digits : digits;
}

std::string significant(double value, int digits) {
  if (!std::isfinite(value)) return absent;
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-6 || size >= 1e9)) return with_minus_sign(digits_of(value, std::chars_format::scientific, digits - 1));
  const int decimals = size == 0 ? 0 : std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(size))));
  std::string text = digits_of(value, std::chars_format::fixed, decimals);
  drop_trailing_zeros(text);
  return with_minus_sign(text);
}

std::string p_value(double p) {
  if (!std::isfinite(p)) return absent;
  return p < 0.001 ? "< 0.001" : fixed(p, 3);
}

std::string percent(double fraction) { return significant(100 * fraction, 4) + "\u00a0%"; }

std::string grouped(int64_t value) {
  std::string digits = std::to_string(value);
  const std::string sign = value < 0 ? "\u2212" : "";
  if (value < 0) digits.erase(0, 1);
  if (digits.size() < 5) return sign + digits;
  for (size_t end = digits.size(); end > 3; end -= 3) digits.insert(end - 3, "\u202f");
  return sign + digits;
}

std::string scaled(double value) {
  if (!std::isfinite(value)) return absent;
  const std::array<const char*, 6> prefixes = {"", "\u00a0k", "\u00a0M", "\u00a0G", "\u00a0T", "\u00a0P"};
  size_t k = 0;
  while (std::abs(value) >= 999.5 && k + 1 < prefixes.size()) value /= 1000, ++k;
  return significant(value, 3) + prefixes[k];
}

std::string power_of_ten(int exponent) {
  static const std::array<const char*, 10> raised = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                                     "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string text = exponent < 0 ? "10\u207b" : "10";
  for (const char digit : std::to_string(std::abs(exponent))) text += raised[static_cast<size_t>(digit - '0')];
  return text;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return absent;
  if (seconds < 9.95) return fixed(seconds, 1) + "\u00a0s";
  if (seconds < 59.5) return fixed(seconds, 0) + "\u00a0s";
  const auto pair = [](int64_t total, const char* large, const char* small) {
    const std::string rest = std::to_string(total % 60);
    return grouped(total / 60) + "\u00a0" + large + " " + (rest.size() < 2 ? "0" : "") + rest + "\u00a0" + small;
  };
  const auto whole = static_cast<int64_t>(std::llround(std::min(seconds, 1e12)));
  return whole < 3600 ? pair(whole, "min", "s") : pair((whole + 30) / 60, "h", "min");
}

int decimals_for(double resolution) {
  if (!std::isfinite(resolution) || resolution <= 0) return 4;
  return std::clamp(1 - static_cast<int>(std::floor(std::log10(resolution))), 0, 8);
}

std::string exact(double value) { return std::isfinite(value) ? digits_of(value, std::chars_format::general, 17) : ""; }

std::string coordinate(double value) {
  std::string text = digits_of(std::isfinite(value) ? value : 0, std::chars_format::fixed, 2);
  drop_trailing_zeros(text);
  return text == "-0" ? "0" : text;
}

std::string plain(double value) { return digits_of(std::isfinite(value) ? value : 0, std::chars_format::general, 6); }

}  // namespace sublayer::experiment::reporting
