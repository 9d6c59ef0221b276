#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace sublayer {

// The device that a config's word names: cpu, cuda (the first GPU that LibTorch finds), or auto, a GPU where there is one, else the CPU.
// UserError where there is no GPU for cuda.
at::Device device_named(const std::string& word);

// A tensor that was made on the host, on a device. Nobody waits until it has arrived.
at::Tensor to_device(const at::Tensor& tensor, at::Device device);

// [N], int64.
at::Tensor ids_on(at::Device device, const std::vector<int64_t>& ids);

}  // namespace sublayer
