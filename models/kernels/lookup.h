#pragma once

#include <ATen/core/Tensor.h>

namespace sublayer::kernels {

// Rows of a table [V, d] by ids [N] (int64): [N, d], floats or bfloat16. The table's gradient is sparse: the rows that were looked up, each
// once, summed as floats in the order of the ids.
at::Tensor lookup(const at::Tensor& table, const at::Tensor& ids);

}  // namespace sublayer::kernels
