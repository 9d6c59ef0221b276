#pragma once

#include <torch/csrc/jit/api/module.h>

#include "models/model.h"

namespace sublayer::format::torchscript {

// Compares an exported module with the live model, on batches of other sizes and lengths than those that were traced: log-probabilities,
// greedy search and beam search. Throws a std::runtime_error that names the first difference.
void verify(torch::jit::Module& exported, Seq2SeqModel& model, const VocabularySizes& sizes);

}  // namespace sublayer::format::torchscript
