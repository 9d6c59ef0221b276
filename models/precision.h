#pragma once

#include <ATen/core/Tensor.h>

namespace sublayer {

// Of the factors of matrix products.
enum class Precision { fp32, bf16, int8 };
inline const char* name_of(Precision precision) {
  return precision == Precision::int8 ? "int8" : precision == Precision::bf16 ? "bf16" : "fp32";
}

// Rounded sums forget what is small beside them: in bfloat16 one thousand ones are 256. The type in which sums over many elements, softmax
// and losses are computed: float where activations are bfloat16, else theirs.
inline at::ScalarType wide_type(const at::Tensor& x) { return x.scalar_type() == at::kBFloat16 ? at::kFloat : x.scalar_type(); }
inline at::Tensor widened(const at::Tensor& x) { return x.to(wide_type(x)); }

}  // namespace sublayer
