#include "models/kernels/accumulate.h"

#include "models/kernels/elements.h"
#include "models/kernels/rows.h"

namespace sublayer::kernels {

void accumulate(at::Tensor& sum, const at::Tensor& x) {
  const bool is_narrower = x.scalar_type() == at::kBFloat16 && sum.scalar_type() == at::kFloat;
  if (!is_narrower || x.is_sparse() || !x.is_cpu() || !sum.is_contiguous()) {
    sum.add_(x.to(sum.scalar_type()));
    return;
  }
  TORCH_CHECK(x.sizes() == sum.sizes(), "a sum of ", sum.sizes(), " and ", x.sizes());
  const auto rows = x.contiguous();
  add_to(data_of<Bfloat16>(rows), rows.numel(), data_to<float>(sum));
}

}  // namespace sublayer::kernels
