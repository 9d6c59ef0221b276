#include "src/decoding/log_probabilities.h"

#include <ATen/ATen.h>

#include "models/kernels/logit_rows.h"

namespace sublayer::decoding {

LogProbabilities::LogProbabilities(const at::Tensor& logits) : logits_(logits.to(at::kFloat).to(at::kCPU).contiguous()) {
  for (int64_t place = 0; place < places(); ++place) log_sums_.push_back(kernels::log_sum_exp(this->logits(place), vocabulary()));
}

int64_t LogProbabilities::most_probable(int64_t place) const {
  const float* const row = logits(place);
  int64_t best = 0;
  for (int64_t next = 1; next < vocabulary(); ++next) {
    next = kernels::first_above(row, next, vocabulary(), row[best]);
    if (next < vocabulary()) best = next;
  }
  return best;
}

}  // namespace sublayer::decoding
