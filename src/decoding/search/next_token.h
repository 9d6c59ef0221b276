#pragma once

#include <cstdint>
#include <vector>

#include "src/decoding/log_probabilities.h"

namespace sublayer::search {

struct NextToken {
  int64_t id;
  float log_probability;
};

// The `count` (1 or more) most probable tokens that may follow at a place, best first, of equals the lower id first; fewer where the
// vocabulary has no more. Pad and begin symbols are left out. Throws where none is possible.
std::vector<NextToken> most_probable_tokens(const decoding::LogProbabilities& all, int64_t place, int64_t count);

}  // namespace sublayer::search
