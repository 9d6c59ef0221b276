#include "src/decoding/search/growth.h"

#include <ATen/ops/tensor.h>

#include "src/decoding/log_probabilities.h"

namespace sublayer::search {

Growth::Growth(Seq2SeqModel& model, const at::Tensor& source, const Layout& layout, Follower* follower)
    : model_(model), projection_(model.output_projection()), follower_(follower) {
  state_ = model_.start(model_.encode(source, layout, context_));
}

at::Tensor Growth::next(const std::vector<int64_t>& tokens) {
  const auto hidden = model_.step(at::tensor(tokens, at::kLong), state_, context_);
  auto log_probabilities = decoding::log_probabilities(projection_, hidden);
  if (follower_) follower_->grew(tokens, log_probabilities);
  return log_probabilities;
}

void Growth::select(const std::vector<int64_t>& rows) {
  if (follower_) follower_->went_on(rows);
  bool is_changed = static_cast<int64_t>(rows.size()) != state_.positions.size(0);
  for (size_t i = 0; i < rows.size() && !is_changed; ++i) is_changed = rows[i] != static_cast<int64_t>(i);
  if (is_changed) state_.select(at::tensor(rows, at::kLong));
}

}  // namespace sublayer::search
