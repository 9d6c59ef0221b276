#pragma once

#include "models/model.h"
#include "src/core/config/choice.h"

namespace sublayer::loss {

// What training minimises.
class Loss {
 public:
  static constexpr const char* kind = "loss";
  static constexpr const char* kind_documentation = "what training minimises";
  using Arguments = std::tuple<>;

  virtual ~Loss() = default;

  // hidden [N, d_model], targets [N] (int64) -> the sum over tokens, a differentiable scalar. It gets the projection and not the
  // logits, so that it never has to hold [N, vocabulary].
  virtual at::Tensor forward(const at::Tensor& hidden, const OutputProjection& projection, const at::Tensor& targets,
                             const Context& context) const = 0;
};

}  // namespace sublayer::loss
