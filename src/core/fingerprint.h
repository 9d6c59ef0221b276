#pragma once

#include <string>

// The section of a file in which the fingerprint stands: there it is read before any code of the file runs.
#define SUBLAYER_FINGERPRINT_SECTION ".sublayer"

namespace sublayer {

// What the program and a file of variants that is built outside of it must have in common, a line each: "what: value\n". Its source,
// cmake/fingerprint.cpp.in, is compiled into both.
extern const char fingerprint[];

// The lines in which two fingerprints differ, joined to "what: value there, value here; ..."; empty where they are equal.
std::string fingerprint_differences(const std::string& there, const std::string& here);

}  // namespace sublayer
