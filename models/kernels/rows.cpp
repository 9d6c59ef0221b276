// Vector instructions come from the compiler, with options of this file (cmake/UnityBatches.cmake), so it stands outside of unity builds.
#include "models/kernels/rows.h"

#include "models/kernels/row_steps.h"

namespace sublayer::kernels {
namespace {

template <class Element>
SUBLAYER_INLINE void add(const Element* x, const Element* y, Kept kept, int64_t size, Element* out) {
  if (!kept.keep) {
    map(size, out, [&](int64_t i) { return x[i] + y[i]; });
  } else {
    map(size, out, [&](int64_t i) { return x[i] + kept_value(y[i], kept, i); });
  }
}

template <class Element>
SUBLAYER_INLINE void keep(const Element* x, Kept kept, int64_t size, Element* out) {
  if (!kept.keep) {
    map(size, out, [&](int64_t i) { return x[i]; });
  } else {
    map(size, out, [&](int64_t i) { return kept_value(x[i], kept, i); });
  }
}

}  // namespace

SUBLAYER_VECTORIZED void add_rows(const float* x, const float* y, Kept kept, int64_t size, float* out) { add(x, y, kept, size, out); }
SUBLAYER_VECTORIZED void add_rows(const Bfloat16* x, const Bfloat16* y, Kept kept, int64_t size, Bfloat16* out) {
  add(x, y, kept, size, out);
}

SUBLAYER_VECTORIZED void drop(const float* x, Kept kept, int64_t size, float* out) { keep(x, kept, size, out); }
SUBLAYER_VECTORIZED void drop(const Bfloat16* x, Kept kept, int64_t size, Bfloat16* out) { keep(x, kept, size, out); }

SUBLAYER_VECTORIZED void add_to(const float* x, int64_t size, float* sum) {
  map(size, sum, [&](int64_t i) { return sum[i] + x[i]; });
}
SUBLAYER_VECTORIZED void add_to(const Bfloat16* x, int64_t size, float* sum) {
  map(size, sum, [&](int64_t i) { return sum[i] + x[i]; });
}

SUBLAYER_VECTORIZED void convert(const Bfloat16* x, int64_t size, float* out) {
  map(size, out, [&](int64_t i) { return x[i]; });
}
SUBLAYER_VECTORIZED void convert(const float* x, int64_t size, Bfloat16* out) {
  map(size, out, [&](int64_t i) { return x[i]; });
}

}  // namespace sublayer::kernels
