#pragma once

#include <string>
#include <vector>

#include "src/core/config/choice.h"

namespace sublayer::test {

// A small model in which one registered variant takes the place of the default: YAML to lay over the small model's.
struct Variant {
  std::string name;  // "norm rms_norm"
  std::string yaml;
};

// Every variant of activation, feed_forward, norm, residual, attention, position and block; each norm under each residual.
std::vector<Variant> all_variants();

// One YAML text laid over another.
std::string laid_over(const std::string& base, const std::string& over);

}  // namespace sublayer::test
