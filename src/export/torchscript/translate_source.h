#pragma once

namespace sublayer::format::torchscript {

// The method `translate` as TorchScript: beam search over `encode` and `step`, step for step what src/decoding/search does with
// length_normalization `power` and early stopping. It reads the attributes pad_id, begin_id, end_id and max_length.
extern const char* const translate_source;

}  // namespace sublayer::format::torchscript
