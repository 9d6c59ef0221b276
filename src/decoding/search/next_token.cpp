#include "src/decoding/search/next_token.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <stdexcept>

#include "data/tokenizer/tokenizer.h"
#include "models/kernels/logit_rows.h"

namespace sublayer::search {
namespace {

bool may_follow(int64_t id) { return id != tokenizer::pad_id && id != tokenizer::begin_id; }

// One pass with a sorted list: nearly all tokens are left behind by a comparison with its last, and ties are settled by the order of the
// ids, which at::topk does not promise.
std::vector<NextToken> short_list(const float* logits, int64_t vocabulary, int64_t count) {
  std::vector<NextToken> best;
  float threshold = -std::numeric_limits<float>::infinity();
  for (int64_t id = kernels::first_above(logits, 0, vocabulary, threshold); id < vocabulary;
       id = kernels::first_above(logits, id + 1, vocabulary, threshold)) {
    if (!may_follow(id)) continue;
    if (std::ssize(best) == count) best.pop_back();
    auto place = best.end();
    while (place != best.begin() && (place - 1)->log_probability < logits[id]) --place;
    best.insert(place, {id, logits[id]});
    if (std::ssize(best) == count) threshold = best.back().log_probability;
  }
  return best;
}

std::vector<NextToken> long_list(const float* logits, int64_t vocabulary, int64_t count) {
  std::vector<NextToken> best;
  for (int64_t id = 0; id < vocabulary; ++id) {
    if (may_follow(id) && logits[id] > -std::numeric_limits<float>::infinity()) best.push_back({id, logits[id]});
  }
  const auto end = best.begin() + std::min(std::ssize(best), count);
  std::partial_sort(best.begin(), end, best.end(), [](const auto& a, const auto& b) {
    return a.log_probability != b.log_probability ? a.log_probability > b.log_probability : a.id < b.id;
  });
  best.erase(end, best.end());
  return best;
}

}  // namespace

std::vector<NextToken> most_probable_tokens(const decoding::LogProbabilities& all, int64_t place, int64_t count) {
  const auto list = count > 64 ? long_list : short_list;
  auto best = list(all.logits(place), all.vocabulary(), count);
  if (best.empty() || !std::isfinite(all.log_normalizer(place)))
    throw std::runtime_error("search: the model gives no token a probability; its parameters are not finite");
  for (auto& token : best) token.log_probability -= all.log_normalizer(place);
  return best;
}

}  // namespace sublayer::search
