#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "models/model.h"
#include "src/conformance/findings.h"

namespace sublayer::conformance {

// Whether a model gave the same on two ways, but for rounding. Either list has a result, which is called `what`, and the gradients of all
// parameters in their order, undefined where there is none; `how` says by what the given ones were made, such as " with kernels".
void require_same(const Seq2SeqModel& model, const std::string& what, const std::vector<at::Tensor>& given,
                  const std::vector<at::Tensor>& expected, const std::string& how, Findings& findings);

}  // namespace sublayer::conformance
