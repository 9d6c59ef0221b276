// Vector instructions come from the compiler, with options of this file (cmake/UnityBatches.cmake), so it stands outside of unity builds.
#include "models/kernels/rows.h"

#include "models/kernels/row_steps.h"

namespace sublayer::kernels {

SUBLAYER_VECTORIZED void drop(const float* x, Kept kept, int64_t size, float* out) {
  if (!kept.keep) {
    map(size, out, [&](int64_t i) { return x[i]; });
  } else {
    map(size, out, [&](int64_t i) { return kept_value(x[i], kept, i); });
  }
}

SUBLAYER_VECTORIZED void add_rows(const float* x, const float* y, Kept kept, int64_t size, float* out) {
  if (!kept.keep) {
    map(size, out, [&](int64_t i) { return x[i] + y[i]; });
  } else {
    map(size, out, [&](int64_t i) { return x[i] + kept_value(y[i], kept, i); });
  }
}

}  // namespace sublayer::kernels
