#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "models/model.h"

namespace sublayer::test {

using Ids = std::vector<int64_t>;

// A few sources and targets of different lengths, ids below 11.
struct SentencePairs {
  std::vector<Ids> sources{{4, 5, 6, 7, 3}, {8, 3}, {9, 10, 4, 3}};
  std::vector<Ids> targets{{2, 7, 9, 4}, {2, 5, 5, 8, 6, 10}, {2}};

  SentencePairs alone(size_t index) const;
};

at::Tensor packed_ids(const std::vector<Ids>& rows);       // [N]
at::Tensor padding_mask_of(const std::vector<Ids>& rows);  // [B, T], padding at the end
Layout layout_of(const std::vector<Ids>& rows);
int64_t count_of(const std::vector<Ids>& rows);

// Hidden states of the targets' tokens, packed [N, d_model].
at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs, Context& context);
at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs);  // not in training

}  // namespace sublayer::test
