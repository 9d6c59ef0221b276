#pragma once

#include <string>
#include <vector>

#include "src/core/config/node.h"
#include "src/core/registry.h"

namespace sublayer::conformance {

// A registered variant with a setting of its options, and where it is tried.
struct Subject {
  std::string kind, name;
  std::string setting;             // what is not as by default, for people: "gain: false", "under residual pre"; empty: nothing
  config::Node options = {};       // as in a config: {type: ..., ...}
  config::Node surroundings = {};  // laid over the small model, for a kind that stands in one

  std::string label() const { return kind + " " + name + (setting.empty() ? "" : " (" + setting + ")"); }
};

// An option and another value of it: what a variant is made of on either side of a comparison.
struct Comparison {
  std::string setting;
  config::Node usual, other;
};

// What the options of a variant say of themselves.
struct OptionSurvey {
  std::vector<Comparison> comparisons;
  std::vector<std::string> without_alternative, run_time;  // dotted keys
};

// YAML as if it stood in the folder of the sample texts.
config::Node yaml(const std::string& text);

// The variant as it is by default, but small.
config::Node small_options(const AnyEntry& entry);

// ConfigError where a small value is refused.
OptionSurvey survey_options(const AnyEntry& entry);

// Every registered variant; of those that stand in a model, and of optimizers, also each alternative of their options, each norm under each
// residual and each residual with gains on its branches.
std::vector<Subject> all_subjects();

}  // namespace sublayer::conformance
