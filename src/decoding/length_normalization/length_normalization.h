#pragma once

#include <cstdint>
#include <tuple>

#include "src/core/config/choice.h"

namespace sublayer::length_normalization {

// Makes hypotheses of different lengths comparable: each further token lowers a log-probability, so that short ones would win.
class LengthNormalization {
 public:
  static constexpr const char* kind = "length_normalization";
  static constexpr const char* kind_documentation = "makes the log-probabilities of long and short hypotheses comparable";
  using Arguments = std::tuple<>;

  virtual ~LengthNormalization() = default;

  // Of a log-probability <= 0 and a length >= 1, the end symbol counted. It must fall with neither of them: then the score at the length
  // limit bounds what a running hypothesis can still reach.
  virtual double score(double log_probability, int64_t length) const = 0;
};

}  // namespace sublayer::length_normalization
