#include "models/transformer/embedding.h"

#include <ATen/ATen.h>

namespace sublayer::transformer {

Embedding::Embedding(int64_t vocabulary, int64_t d_model, double scale) : scale_(scale) {
  weight_ = add_parameter("weight", {vocabulary, d_model}, Role::embedding);
}

at::Tensor Embedding::forward(const at::Tensor& ids) {
  const auto vectors = at::embedding(weight_, ids);
  return scale_ == 1 ? vectors : vectors * scale_;
}

}  // namespace sublayer::transformer
