#pragma once

#include "models/kernels/rows.h"
#include "models/kernels/vector.h"

// Steps of the loops over rows.
namespace sublayer::kernels {

SUBLAYER_INLINE float kept_value(float x, Kept kept, int64_t i) { return kept.keep[i] ? x * kept.scale : 0.0F; }

template <class Element, class Function>
SUBLAYER_INLINE void map(int64_t size, Element* out, const Function& function) {
#pragma omp simd
  for (int64_t i = 0; i < size; ++i) store(function(i), out + i);
}

}  // namespace sublayer::kernels
