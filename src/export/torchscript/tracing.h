#pragma once

#include <torch/csrc/jit/api/module.h>

#include "models/model.h"

namespace sublayer::format::torchscript {

// A TorchScript module with the model's parameters under their own paths and the traced methods `encode` and `step` (traced_functions.h)
// for any batch size and length. The parameters are the model's own storage, without gradients.
torch::jit::Module trace(Seq2SeqModel& model);

}  // namespace sublayer::format::torchscript
