#pragma once

#include <chrono>

namespace sublayer {

// Seconds of a clock that never jumps: for durations.
inline double steady_seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Seconds since 1970: for records.
inline double wall_seconds() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

}  // namespace sublayer
