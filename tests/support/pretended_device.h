#pragma once

#include <ATen/core/Tensor.h>

namespace sublayer::test {

// A device that LibTorch holds for another than the CPU ("hpu", which has no kernels here), with the CPU's operators and memory. What a
// GPU would refuse is refused: operators throw where a tensor of the CPU is among theirs. Backward passes run on a thread of its own.
at::Device pretended_device();

// Whether gradients can be taken there. A CUDA build of LibTorch knows no second kind of device beside its own; a test without warns and
// ends.
bool has_pretended_gradients();

// How often the host would have waited for a GPU so far: for a value, a tensor, the size of a result, or until an upload was over.
int64_t waits();

}  // namespace sublayer::test
