#pragma once

#include "src/core/config/choice.h"

namespace sublayer::conformance {

// A variant with its options, read as from a config.
template <class Kind>
Choice<Kind> choice_of(const config::Node& options) {
  Choice<Kind> choice;
  config::ReadLog log;
  config::bind(choice)->read(options, {Kind::kind, &log});
  return choice;
}

}  // namespace sublayer::conformance
