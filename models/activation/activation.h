#pragma once

#include <ATen/ATen.h>

#include "models/context.h"
#include "models/kernels/activation.h"
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

  // The same function for kernels that do it with the steps around it in one pass; null where there is none.
  virtual const kernels::Elementwise* kernel() const { return nullptr; }

  // dropout(f(x)), or with a factor dropout(f(x) * factor), by a kernel where there is one.
  at::Tensor activate(const at::Tensor& x, const std::optional<at::Tensor>& factor, const kernels::Drop& drop, const Context& context);
};

}  // namespace sublayer::activation
