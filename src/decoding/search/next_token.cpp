#include "src/decoding/search/next_token.h"

#include <limits>
#include <stdexcept>

#include "data/tokenizer/tokenizer.h"

namespace sublayer::search {

// One pass with a sorted short list: most tokens meet a single comparison, and ties are settled by the order of the ids, which
// at::topk does not promise.
std::vector<NextToken> most_probable_tokens(const float* log_probabilities, int64_t vocabulary, int64_t count) {
  std::vector<NextToken> best;
  float threshold = -std::numeric_limits<float>::infinity();
  for (int64_t id = 0; id < vocabulary; ++id) {
    const float log_probability = log_probabilities[id];
    if (!(log_probability > threshold)) continue;
    if (id == tokenizer::pad_id || id == tokenizer::begin_id) continue;
    if (static_cast<int64_t>(best.size()) == count) best.pop_back();
    auto place = best.end();
    while (place != best.begin() && (place - 1)->log_probability < log_probability) --place;
    best.insert(place, {id, log_probability});
    if (static_cast<int64_t>(best.size()) == count) threshold = best.back().log_probability;
  }
  if (best.empty()) throw std::runtime_error("search: the model gives no token a probability; its parameters are not finite");
  return best;
}

}  // namespace sublayer::search
