#pragma once

#include <vector>

#include "models/model.h"

namespace sublayer::decoding {

// Log-probabilities of the next token at N places, in float32 whatever the model computes in. Few of them are looked at: kept are logits,
// and for each place what they lie above the log-probabilities, NaN where parameters are not finite.
class LogProbabilities {
 public:
  // Logits [N, vocabulary].
  explicit LogProbabilities(const at::Tensor& logits);

  int64_t places() const { return logits_.size(0); }
  int64_t vocabulary() const { return logits_.size(1); }

  // A place's logits [vocabulary], and the logarithm of the sum of their exponentials, which they lie above the log-probabilities.
  const float* logits(int64_t place) const { return logits_.const_data_ptr<float>() + place * vocabulary(); }
  float log_normalizer(int64_t place) const { return log_sums_[place]; }

  float at(int64_t place, int64_t token) const { return logits(place)[token] - log_sums_[place]; }
  int64_t most_probable(int64_t place) const;  // of equals the lower id

 private:
  at::Tensor logits_;
  std::vector<float> log_sums_;
};

}  // namespace sublayer::decoding
