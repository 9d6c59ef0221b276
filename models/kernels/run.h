#pragma once

#include <ATen/core/grad_mode.h>

#include <utility>

namespace sublayer::kernels {

// Runs an autograd function; where nobody wants gradients, its forward pass alone. That gets null for its context then and keeps nothing.
template <class Function, class... Arguments>
auto run(Arguments&&... arguments) {
  return at::GradMode::is_enabled() ? Function::apply(std::forward<Arguments>(arguments)...)
                                    : Function::forward(nullptr, std::forward<Arguments>(arguments)...);
}

}  // namespace sublayer::kernels
