#pragma once

#include <cstdint>
#include <vector>

#include "models/model.h"

namespace sublayer::experiment {

int64_t parameter_count(const Seq2SeqModel& model);

// The weight of a matrix product, and how many times one pass over the model multiplies by it.
struct WeightUse {
  at::Tensor weight;  // [outputs, inputs]
  int64_t uses;
};
std::vector<WeightUse> weight_uses(const Seq2SeqModel& model);

// Floating-point operations of the matrix products with weights, for a source and a target token together, forward: two per weight; a
// training takes three times as many. Attention adds 4 d_model per layer and visible key.
double forward_flops(const Seq2SeqModel& model);

}  // namespace sublayer::experiment
