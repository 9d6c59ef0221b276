#pragma once

#include <optional>

#include "models/context.h"
#include "models/module.h"

namespace sublayer {

// x W^T + b: [N, inputs] -> [N, outputs].
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
