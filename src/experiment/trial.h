#pragma once

#include "src/experiment/run_data.h"

namespace sublayer::experiment {

// What a training costs on this machine with one thread.
struct Trial {
  double tokens_per_second = 0;  // source and target
  double tokens_per_update = 0;  // likewise, mean of the updates that were tried
  double peak_bytes = 0;         // of memory
};

// Measures a few real updates, in a process of its own so that memory is this training's alone. Call it while there is one thread.
Trial try_updates(const RunConfig& config, const Datasets& sets, const tokenizer::Tokenizers& tokenizers, int64_t updates);

}  // namespace sublayer::experiment
