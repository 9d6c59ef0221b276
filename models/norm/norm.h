#pragma once

#include <ATen/ATen.h>

#include "models/context.h"
#include "models/kernels/norm.h"
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

  // What forward() computes, for kernels that do it with the steps around it in one pass; nothing where there is no kernel for it.
  virtual std::optional<kernels::NormFormula> formula() const { return std::nullopt; }

  // norm(x) and norm(x + dropout(y)), by a kernel where there is one.
  at::Tensor normalise(const at::Tensor& x, const Context& context);
  at::Tensor normalise_sum(const at::Tensor& x, const at::Tensor& y, const kernels::Drop& drop, const Context& context);
};

}  // namespace sublayer::norm
