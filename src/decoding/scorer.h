#pragma once

#include <cstdint>
#include <vector>

#include "data/batch.h"
#include "models/model.h"
#include "src/decoding/batches.h"

namespace sublayer::decoding {

// What a model thinks of a given target, its end symbol included.
struct TargetScore {
  double log_probability = 0;                  // natural logarithm, sum over the tokens
  std::vector<float> token_log_probabilities;  // one per target token, the end symbol's last
  int64_t correct_tokens = 0;                  // those that the model finds most probable after the true ones before them
};

// Scores of the targets of all examples, in their order.
std::vector<TargetScore> score_all(Seq2SeqModel& model, const data::Dataset& dataset, const BatchSettings& settings);

// Sums over a data set, end symbols included. The loss of a validation is negative_log_likelihood / tokens.
struct Likelihood {
  double negative_log_likelihood = 0;
  int64_t tokens = 0;
  int64_t correct_tokens = 0;
};

// Sums in the order of the examples, whatever the workers.
Likelihood likelihood_of(Seq2SeqModel& model, const data::Dataset& dataset, const BatchSettings& settings);

}  // namespace sublayer::decoding
