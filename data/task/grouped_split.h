#pragma once

#include <cstdint>
#include <vector>

#include "data/task/task.h"
#include "src/core/noise.h"

namespace sublayer::task {

// Draws `sizes[i]` examples into part i and leaves the others in the last part, one more than there are sizes. Examples that share a
// sentence on either side, directly or through others, stay in one part: else a test set holds what was trained on. Groups are taken whole,
// in random order, where they fit. The result is the part of each example.
std::vector<size_t> draw_parts(const std::vector<Example>& examples, const std::vector<int64_t>& sizes, const Noise& noise);

}  // namespace sublayer::task
