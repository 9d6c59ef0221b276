#include "models/device.h"

#include <ATen/Context.h>
#include <ATen/ops/tensor.h>

#include "src/core/errors.h"

namespace sublayer {

at::Device device_named(const std::string& word) {
  if (word == "cpu") return at::kCPU;
  if (at::hasCUDA() && at::getNumGPUs() > 0) return {at::kCUDA, 0};
  if (word == "cuda") throw UserError("device: cuda: LibTorch finds no GPU here; auto or cpu takes the processor");
  return at::kCPU;
}

at::Tensor to_device(const at::Tensor& tensor, at::Device device) {
  // CUDA copies behind the host's back from pinned memory alone.
  return (device.is_cuda() ? tensor.pin_memory() : tensor).to(at::TensorOptions(device), /*non_blocking=*/true);
}

at::Tensor ids_on(at::Device device, const std::vector<int64_t>& ids) { return to_device(at::tensor(ids, at::kLong), device); }

}  // namespace sublayer
