#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace sublayer::kernels {

// x W^T + b: [N, inputs] -> [N, outputs] by oneDNN where LibTorch has it, which has faster products than MKL on processors that are not
// Intel's. Knows no gradients.
at::Tensor product(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias = {});

// The same with gradients.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias);

}  // namespace sublayer::kernels
