#include "models/norm/norm.h"

namespace sublayer::norm {

at::Tensor Norm::normalise(const at::Tensor& x, const Context& context) {
  const auto kernel = context.fuses(x) ? formula() : std::nullopt;
  return kernel ? kernels::norm(x, *kernel) : forward(x);
}

at::Tensor Norm::normalise_sum(const at::Tensor& x, const at::Tensor& y, const kernels::Drop& drop, const Context& context) {
  const auto kernel = context.fuses(x) ? formula() : std::nullopt;
  return kernel ? kernels::norm_of_sum(x, y, drop, *kernel) : forward(x + kernels::dropout(y, drop));
}

}  // namespace sublayer::norm
