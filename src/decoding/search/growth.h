#pragma once

#include <ATen/core/grad_mode.h>

#include <vector>

#include "models/model.h"
#include "src/decoding/log_probabilities.h"
#include "src/decoding/search/search.h"

namespace sublayer::search {

// The model's side of a search: R hypotheses that all grow by one token at a time. It starts with one row per source.
class Growth {
 public:
  Growth(Seq2SeqModel& model, const at::Tensor& source, const Layout& layout, Follower* follower, const Context& context);

  // Appends a token to each hypothesis ([R]; the begin symbol first) -> log-probabilities of the next at R places.
  decoding::LogProbabilities next(const std::vector<int64_t>& tokens);

  // Row i becomes the former row rows[i]: chooses, copies or drops hypotheses. Costs nothing where they stay as they are.
  void select(const std::vector<int64_t>& rows);

 private:
  at::NoGradGuard no_gradients_;
  Seq2SeqModel& model_;
  OutputProjection projection_;
  Context context_;
  DecoderState state_;
  Follower* follower_;
};

}  // namespace sublayer::search
