#pragma once

#include <ATen/ATen.h>

#include "models/module.h"
#include "src/core/config/choice.h"

namespace sublayer::norm {

// Normalises each token's activations: [N, d] -> [N, d].
class Norm : public Module {
 public:
  static constexpr const char* kind = "norm";
  static constexpr const char* kind_documentation = "normalises the last dimension";
  using Arguments = std::tuple<int64_t>;  // d

  virtual at::Tensor forward(const at::Tensor& x) = 0;

  // Whether it leaves activations as they are.
  virtual bool is_identity() const { return false; }
};

}  // namespace sublayer::norm
