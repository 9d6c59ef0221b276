#include "models/transformer/embedding.h"

#include <ATen/ATen.h>

#include "models/kernels/lookup.h"
#include "models/precision.h"

namespace sublayer::transformer {

Embedding::Embedding(int64_t vocabulary, int64_t d_model, double scale) : scale_(scale) {
  weight_ = add_parameter("weight", {vocabulary, d_model}, Role::embedding);
}

at::Tensor Embedding::forward(const at::Tensor& ids, const Context& context) {
  const auto vectors =
      context.fuses(weight_) ? kernels::lookup(weight_, ids) : at::embedding(widened(weight_), ids).to(weight_.scalar_type());
  return scale_ == 1 ? vectors : vectors * scale_;
}

}  // namespace sublayer::transformer
