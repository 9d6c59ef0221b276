#pragma once

#include <ATen/ATen.h>

#include "models/position/attention_position.h"
#include "src/core/config/choice.h"

namespace sublayer::position {

// What every position's options have.
struct PositionOptions : config::Options {
  // Why the position cannot work in an attention of a model; empty where it can.
  virtual std::string objection(const AttentionPlace&) const { return ""; }
};

// How a model knows the order of its tokens.
class Position : public Module {
 public:
  static constexpr const char* kind = "position";
  static constexpr const char* kind_documentation = "how order enters the model";
  using Arguments = std::tuple<int64_t>;  // d_model

  // Embeddings [N, d_model] of tokens at positions [N] (0-based, int64) -> [N, d_model].
  virtual at::Tensor embed(const at::Tensor& embeddings, const at::Tensor&) { return embeddings; }

  // Its part in one attention of the model; null where it has none.
  virtual std::shared_ptr<AttentionPosition> for_attention(const AttentionPlace&) { return nullptr; }

  // The longest sequence that has positions; 0: any length.
  virtual int64_t max_length() const { return 0; }
};

}  // namespace sublayer::position
