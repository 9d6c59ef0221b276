#include "src/decoding/search/next_token.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <stdexcept>

#include "data/tokenizer/tokenizer.h"

namespace sublayer::search {
namespace {

[[noreturn]] void throw_not_finite() {
  throw std::runtime_error("search: the model gives no token a probability; its parameters are not finite");
}

}  // namespace

// One pass with a sorted short list: most tokens meet a single comparison, and ties are settled by the order of the ids, which
// at::topk does not promise. A long list is sorted at the end.
std::vector<NextToken> most_probable_tokens(const float* log_probabilities, int64_t vocabulary, int64_t count) {
  constexpr int64_t short_list = 64;
  std::vector<NextToken> best;
  if (count > short_list) {
    for (int64_t id = 0; id < vocabulary; ++id) {
      const bool is_eligible = id != tokenizer::pad_id && id != tokenizer::begin_id;
      if (is_eligible && log_probabilities[id] > -std::numeric_limits<float>::infinity()) best.push_back({id, log_probabilities[id]});
    }
    if (best.empty()) throw_not_finite();
    const auto end = best.begin() + std::min(std::ssize(best), count);
    std::partial_sort(best.begin(), end, best.end(), [](const auto& a, const auto& b) {
      return a.log_probability != b.log_probability ? a.log_probability > b.log_probability : a.id < b.id;
    });
    best.erase(end, best.end());
    return best;
  }
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
  if (best.empty()) throw_not_finite();
  return best;
}

}  // namespace sublayer::search
