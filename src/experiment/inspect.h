#pragma once

#include <string>

#include "src/experiment/inspection.h"
#include "src/experiment/run.h"

namespace sublayer::experiment {

// Walks one source sentence through a run's model: searches a target, then reads the pair as a whole and keeps what the modules show.
// `next_tokens`: how many of the most probable ones are kept for each row of each step.
Inspection inspect(const Run& run, const std::string& source, int64_t next_tokens);

}  // namespace sublayer::experiment
