#pragma once

#include <vector>

#include "models/module.h"

namespace sublayer::conformance {

// A few random parameters for an optimizer: an embedding, a matrix between embeddings, and two vectors, which weight decay leaves alone.
std::vector<ParameterSpec> some_parameters(uint64_t seed);

// Of these parameters, others in each update.
std::vector<at::Tensor> some_gradients(int64_t update);

}  // namespace sublayer::conformance
