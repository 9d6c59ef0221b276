#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/conformance/property.h"

namespace sublayer::conformance {

// What to look at: a kind, or one variant of it.
struct Filter {
  std::string kind, name;  // no name: all variants
};

// "norm" or "norm/rms_norm"; UserError with a suggestion for an unknown kind or name.
Filter parse_filter(const std::string& text);

// A property of a subject that was looked at.
struct Outcome {
  std::string subject, property;
  Findings findings;
};

struct Report {
  std::vector<Outcome> outcomes;
  double seconds = 0;

  int64_t failures() const;          // pairs of a variant and a property that does not hold
  std::string failure_text() const;  // a line for each failure
  std::string summary() const;       // how many pairs, how many failures, and every declared exception with its reason
  nlohmann::json to_json() const;
};

// Looks at all properties of all variants that one of the filters fits; no filter: all. `on_pair` is told of each pair before it is
// looked at: its number, how many there are, and what it is.
Report run(const std::vector<Filter>& filters, const std::function<void(size_t, size_t, const std::string&)>& on_pair);

}  // namespace sublayer::conformance
