#pragma once

#include <ATen/ATen.h>

#include "models/module.h"

namespace sublayer::position {

// An attention as a position sees it.
struct AttentionPlace {
  int64_t num_heads, d_head;
  bool is_cross;    // queries of the decoder look at the encoder's states
  bool is_decoder;  // self-attention of a decoder looks back only
};

// How the order of tokens enters one attention: by turning queries and keys, or by what is added to its scores.
class AttentionPosition : public Module {
 public:
  // Queries or keys [N, heads, d_head] of tokens at positions [N] -> the same shape.
  virtual at::Tensor turned(const at::Tensor& x, const at::Tensor&) const { return x; }

  // Whether `turned` does anything.
  virtual bool turns() const { return false; }

  // Whether several attentions have it, and not they own it but the model's position.
  virtual bool is_shared() const { return false; }

  virtual bool adds_to_scores() const { return false; }

  // Queries [B, heads, T, d_head], scaled as for scores, and offsets [T, S], the position of a key minus that of a query -> what is added
  // to the scores [B, heads, T, S], or broadcast to them.
  virtual at::Tensor added_to_scores(const at::Tensor& queries, const at::Tensor&) const { return at::zeros_like(queries); }
};

}  // namespace sublayer::position
