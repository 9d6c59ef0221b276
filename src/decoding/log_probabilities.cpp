#include "src/decoding/log_probabilities.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>

namespace sublayer::decoding {

at::Tensor log_probabilities(const OutputProjection& projection, const at::Tensor& hidden) {
  const auto logits = at::linear(hidden, projection.weight, projection.bias).to(at::kFloat);
  return at::log_softmax(logits, -1).to(at::kCPU).contiguous();
}

}  // namespace sublayer::decoding
