#pragma once

#include <string_view>

namespace sublayer {

// A named instant at which the kill tests stop the process. Where the environment says SUBLAYER_KILL_AT=name:count, the count-th passage
// of the point `name` raises SIGKILL; otherwise a passage costs one comparison. A malformed value is a ConfigError.
void fault_point(std::string_view name);

}  // namespace sublayer
