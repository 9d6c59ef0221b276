#include "src/decoding/search/growth.h"

#include "models/device.h"

namespace sublayer::search {

Growth::Growth(Seq2SeqModel& model, const at::Tensor& source, const Layout& layout, Follower* follower, const Context& context)
    : model_(model), projection_(model.output_projection()), context_(context), follower_(follower) {
  state_ = model_.start(model_.encode(source, layout, context_), context_);
}

decoding::LogProbabilities Growth::next(const std::vector<int64_t>& tokens) {
  const auto hidden = model_.step(ids_on(projection_.weight.device(), tokens), state_, context_);
  decoding::LogProbabilities next(projection_.logits(hidden, context_));
  if (follower_) follower_->grew(tokens, next);
  return next;
}

void Growth::select(const std::vector<int64_t>& rows) {
  if (follower_) follower_->went_on(rows);
  bool is_changed = static_cast<int64_t>(rows.size()) != state_.positions.size(0);
  for (size_t i = 0; i < rows.size() && !is_changed; ++i) is_changed = rows[i] != static_cast<int64_t>(i);
  if (is_changed) state_.select(ids_on(projection_.weight.device(), rows));
}

}  // namespace sublayer::search
