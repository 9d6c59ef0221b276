#pragma once

#include <ATen/ATen.h>

#include "models/module.h"
#include "src/core/config/choice.h"

namespace sublayer::activation {

// An element-wise function, any shape to the same shape.
class Activation : public Module {
 public:
  static constexpr const char* kind = "activation";
  static constexpr const char* kind_documentation = "element-wise function";
  using Arguments = std::tuple<>;

  virtual at::Tensor forward(const at::Tensor& x) = 0;
};

}  // namespace sublayer::activation
