#pragma once

#include <ATen/ATen.h>

#include "models/context.h"
#include "models/module.h"
#include "src/core/config/choice.h"

namespace sublayer::feed_forward {

// The position-wise network of a layer: each token alone, [N, d_model] -> [N, d_model].
class FeedForward : public Module {
 public:
  static constexpr const char* kind = "feed_forward";
  static constexpr const char* kind_documentation = "position-wise network";
  using Arguments = std::tuple<int64_t>;  // d_model

  virtual at::Tensor forward(const at::Tensor& x, Context& context) = 0;
};

}  // namespace sublayer::feed_forward
