#include "models/activation/activation.h"

namespace sublayer::activation {

at::Tensor Activation::activate(const at::Tensor& x, const std::optional<at::Tensor>& factor, const kernels::Drop& drop,
                                const Context& context) {
  if (const auto* function = context.fuses(x) ? kernel() : nullptr) return kernels::activate(*function, x, factor, drop);
  const auto y = context.observed(path(), "output", forward(x));
  return kernels::dropout(factor ? y * *factor : y, drop);
}

}  // namespace sublayer::activation
