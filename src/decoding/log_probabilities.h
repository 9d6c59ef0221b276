#pragma once

#include "models/model.h"

namespace sublayer::decoding {

// Hidden states [N, d_model] -> log-probabilities of the next token [N, vocabulary], float32 whatever the model computes in, contiguous in
// main memory.
at::Tensor log_probabilities(const OutputProjection& projection, const at::Tensor& hidden);

}  // namespace sublayer::decoding
