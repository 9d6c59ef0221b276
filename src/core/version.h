#pragma once

namespace sublayer {

// Version of this build, as in "0.1.0".
const char* version();

// Git commit of the sources, abbreviated, with "-dirty" when they were changed since; "unknown" outside a git checkout.
const char* commit();

}  // namespace sublayer
