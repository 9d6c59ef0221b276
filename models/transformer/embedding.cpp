#include "models/transformer/embedding.h"

#include <ATen/ATen.h>

#include "models/kernels/lookup.h"
#include "models/precision.h"

namespace sublayer::transformer {

Embedding::Embedding(int64_t vocabulary, int64_t d_model, double scale) : scale_(scale) {
  weight_ = add_parameter("weight", {vocabulary, d_model}, Role::embedding);
}

at::Tensor Embedding::forward(const at::Tensor& ids, const Context& context) {
  // The kernel's gradient is sparse, which the loop of training expects and others do not.
  const bool is_fused = context.is_training && context.fuses(weight_);
  const auto vectors = is_fused ? kernels::lookup(weight_, ids) : at::embedding(widened(weight_), ids).to(weight_.scalar_type());
  return scale_ == 1 ? vectors : vectors * scale_;
}

}  // namespace sublayer::transformer
