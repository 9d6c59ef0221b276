#pragma once

#include <cstdint>
#include <vector>

namespace sublayer::search {

struct NextToken {
  int64_t id;
  float log_probability;
};

// The `count` (1 or more) most probable tokens that may follow, best first, of equals the lower id first; fewer where the vocabulary has no
// more. `log_probabilities` are those of the whole vocabulary; pad and begin symbols are left out. Throws where none is possible.
std::vector<NextToken> most_probable_tokens(const float* log_probabilities, int64_t vocabulary, int64_t count);

}  // namespace sublayer::search
