#pragma once

#include <ATen/core/grad_mode.h>
#include <c10/util/Exception.h>

namespace sublayer::kernels {

// Kernels compute gradients that nothing can be differentiated through: who asks for second derivatives is told.
inline void require_first_derivative() {
  TORCH_CHECK(!at::GradMode::is_enabled(), "kernels have no second derivative; set training.fused_kernels: false");
}

}  // namespace sublayer::kernels
