#include "models/linear.h"

#include <ATen/ops/linear.h>

#include "models/kernels/linear.h"
#include "models/packed_weights.h"

namespace sublayer {

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias, const Context& context) {
  if (const auto* packed = context.packed ? context.packed->find(weight) : nullptr) return packed->product(x, bias);
  return context.fuses(x) ? kernels::linear(x, weight, bias) : at::linear(x, weight, bias);
}

Linear::Linear(int64_t inputs, int64_t outputs, Role role, bool has_bias, int64_t uses) : uses_(uses) {
  weight_ = add_parameter("weight", {outputs, inputs}, role);
  if (has_bias) bias_ = add_parameter("bias", {outputs}, Role::bias, 0);
}

at::Tensor Linear::forward(const at::Tensor& x, const Context& context) { return linear(x, weight_, bias_, context); }

}  // namespace sublayer
