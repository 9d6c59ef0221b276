#pragma once

#include <cstdint>
#include <string>

namespace sublayer::experiment::reporting {

// Numbers for readers: a real minus sign, narrow spaces between thousands, and a dash for what is not finite. The locale plays no part.

inline constexpr const char* absent = "\u2014";

std::string fixed(double value, int decimals);
std::string signed_fixed(double value, int decimals);  // with a plus sign
std::string significant(double value, int digits);     // no trailing zeros, no exponent where that is short
std::string p_value(double p);                         // 0.013, < 0.001
std::string percent(double fraction);                  // 95 %, 99.17 %
std::string grouped(int64_t value);                    // 12 345 678
std::string scaled(double value);                      // 24.7 M
std::string power_of_ten(int exponent);                // 10 with the exponent raised
std::string duration(double seconds);                  // 1 h 02 min

// Decimals that show two digits of something of this size.
int decimals_for(double resolution);

// For programs: plain ASCII.
std::string exact(double value);       // 17 significant digits, which read back as the same number; empty where not finite
std::string coordinate(double value);  // at most two decimals
std::string plain(double value);       // six significant digits

}  // namespace sublayer::experiment::reporting
