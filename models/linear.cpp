#include "models/linear.h"

#include <ATen/ops/linear.h>

#include "models/kernels/linear.h"

namespace sublayer {

Linear::Linear(int64_t inputs, int64_t outputs, Role role, bool has_bias, int64_t uses) : uses_(uses) {
  weight_ = add_parameter("weight", {outputs, inputs}, role);
  if (has_bias) bias_ = add_parameter("bias", {outputs}, Role::bias, 0);
}

at::Tensor Linear::forward(const at::Tensor& x, const Context& context) {
  return context.fuses(x) ? kernels::linear(x, weight_, bias_) : at::linear(x, weight_, bias_);
}

}  // namespace sublayer
