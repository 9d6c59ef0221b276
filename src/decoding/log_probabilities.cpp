#include "src/decoding/log_probabilities.h"

#include <ATen/ops/log_softmax.h>

namespace sublayer::decoding {

at::Tensor log_probabilities(const OutputProjection& projection, const at::Tensor& hidden) {
  return at::log_softmax(projection.logits(hidden).to(at::kFloat), -1).to(at::kCPU).contiguous();
}

}  // namespace sublayer::decoding
