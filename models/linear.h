#pragma once

#include <optional>

#include "models/context.h"
#include "models/module.h"

namespace sublayer {

// x W^T + b: [N, inputs] -> [N, outputs], with a packed copy of W or by a kernel where the context has one or allows it.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias, const Context& context);

// The same with parameters of its own.
class Linear : public Module {
 public:
  Linear(int64_t inputs, int64_t outputs, Role role, bool has_bias = true, int64_t uses = 1);
  at::Tensor forward(const at::Tensor& x, const Context& context);
  const at::Tensor& weight() const { return weight_; }
  int64_t uses() const override { return uses_; }

 private:
  int64_t uses_;
  at::Tensor weight_;
  std::optional<at::Tensor> bias_;
};

}  // namespace sublayer
