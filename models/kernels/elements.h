#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include "models/kernels/bfloat16.h"

// Tensors as the loops over rows see them.
namespace sublayer::kernels {

// Whether x has elements that kernels know.
inline bool has_known_elements(const at::Tensor& x) { return x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16; }

// work(an element of x's type).
template <class Work>
void with_element_of(const at::Tensor& x, const Work& work) {
  TORCH_CHECK(has_known_elements(x), "kernels know float and bfloat16, not ", x.scalar_type());
  x.scalar_type() == at::kFloat ? work(float{}) : work(Bfloat16{});
}

// Null where the tensor is undefined.
template <class Element>
const Element* data_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return nullptr;
  if constexpr (std::is_same_v<Element, Bfloat16>) {
    return reinterpret_cast<const Bfloat16*>(tensor.const_data_ptr<at::BFloat16>());
  } else {
    return tensor.const_data_ptr<Element>();
  }
}

template <class Element>
Element* data_to(const at::Tensor& tensor) {
  if (!tensor.defined()) return nullptr;
  if constexpr (std::is_same_v<Element, Bfloat16>) {
    return reinterpret_cast<Bfloat16*>(tensor.mutable_data_ptr<at::BFloat16>());
  } else {
    return tensor.mutable_data_ptr<Element>();
  }
}

}  // namespace sublayer::kernels
