#pragma once

#include "src/conformance/behaviour.h"
#include "src/conformance/findings.h"
#include "src/core/registry.h"

namespace sublayer::conformance {

// Whether every option of a variant has another value that changes what the variant does.
void check_options_act(const AnyEntry& entry, const Observe& observe, Findings& findings);

}  // namespace sublayer::conformance
