#pragma once

#include <string>

#include "src/core/config/choice.h"
#include "src/core/errors.h"
#include "tests/support/message_of.h"

namespace sublayer::test {

// A variant with its options, read as from a config file: choice_of<Task>("{type: scan, split: length}"). The dotted path is the kind's
// name.
template <class Kind>
Choice<Kind> choice_of(const std::string& yaml) {
  Choice<Kind> choice;
  config::ReadLog log;
  config::bind(choice)->read(config::parse_text(yaml, "test.yaml"), {Kind::kind, &log});
  return choice;
}

// What is said where such options are refused.
template <class Kind>
std::string refusal_of(const std::string& yaml) {
  return message_of<ConfigError>([&] { choice_of<Kind>(yaml); });
}

}  // namespace sublayer::test
