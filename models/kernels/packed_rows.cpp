// Products of a few rows with a matrix that stays: a library packs the matrix anew at each call, or reads it as it does not lie in memory.
// Vector instructions come from the compiler, so the file stands outside of unity builds.
#include "models/kernels/packed_rows.h"

#include <algorithm>

#include "models/kernels/vector.h"

namespace sublayer::kernels {
namespace {

constexpr int most_rows = 6;

// Sums of `rows` rows over `panels` neighbouring panels stay in registers: few rows take more panels, so that additions need not wait for
// each other. Where there are enough products to hide it, the next panel and the lines of the result are fetched meanwhile: both are too
// far from what was touched last for the processor to foresee.
template <int rows, int panels>
SUBLAYER_INLINE void block(const float* x, const float* packed, const float* bias, int64_t width, int64_t outputs, int64_t inputs,
                           float* out) {
  float sums[rows][panels][panel_width] = {};
  constexpr bool fetches = rows == most_rows;
  for (int i = 0; fetches && i < rows; ++i) __builtin_prefetch(out + i * outputs, /*for writing*/ 1);
  for (int64_t k = 0; k < inputs; ++k) {
#pragma GCC unroll 8
    for (int p = 0; p < panels; ++p) {
      const float* from = packed + (p * inputs + k) * panel_width;
      if (fetches) __builtin_prefetch(from + panels * inputs * panel_width);
#pragma GCC unroll 8
      for (int i = 0; i < rows; ++i) {
        const float factor = x[i * inputs + k];
#pragma omp simd
        for (int j = 0; j < panel_width; ++j) sums[i][p][j] += factor * from[j];
      }
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int p = 0; p < panels; ++p) {
      float* const to = out + i * outputs + p * panel_width;
      const float* const shift = bias ? bias + p * panel_width : nullptr;
      const int64_t count = std::min<int64_t>(panel_width, width - p * panel_width);
      if (count == panel_width) {
        if (shift) {
#pragma omp simd
          for (int j = 0; j < panel_width; ++j) to[j] = sums[i][p][j] + shift[j];
        } else {
#pragma omp simd
          for (int j = 0; j < panel_width; ++j) to[j] = sums[i][p][j];
        }
      } else {
        for (int64_t j = 0; j < count; ++j) to[j] = sums[i][p][j] + (shift ? shift[j] : 0);
      }
    }
  }
}

// All rows and `panels` panels.
template <int rows, int panels>
SUBLAYER_INLINE void all_outputs(const float* x, const float* packed, const float* bias, int64_t outputs, int64_t inputs, float* out) {
  int64_t at = 0;
  for (; at + (panels - 1) * panel_width < outputs; at += panels * panel_width)
    block<rows, panels>(x, packed + at * inputs, bias ? bias + at : nullptr, outputs - at, outputs, inputs, out + at);
  for (; at < outputs; at += panel_width)
    block<rows, 1>(x, packed + at * inputs, bias ? bias + at : nullptr, outputs - at, outputs, inputs, out + at);
}

}  // namespace

SUBLAYER_VECTORIZED void packed_product(const float* x, int64_t rows, const float* packed, const float* bias, int64_t outputs,
                                        int64_t inputs, float* out) {
  const int64_t whole = rows / most_rows * most_rows;
  for (int64_t at = 0; at < outputs && whole > 0; at += panel_width) {
    for (int64_t i = 0; i < whole; i += most_rows)
      block<most_rows, 1>(x + i * inputs, packed + at * inputs, bias ? bias + at : nullptr, outputs - at, outputs, inputs,
                          out + i * outputs + at);
  }
  const float* const rest = x + whole * inputs;
  float* const to = out + whole * outputs;
  switch (rows - whole) {
    case 1:
      return all_outputs<1, 4>(rest, packed, bias, outputs, inputs, to);
    case 2:
      return all_outputs<2, 3>(rest, packed, bias, outputs, inputs, to);
    case 3:
      return all_outputs<3, 2>(rest, packed, bias, outputs, inputs, to);
    case 4:
      return all_outputs<4, 1>(rest, packed, bias, outputs, inputs, to);
    case 5:
      return all_outputs<5, 1>(rest, packed, bias, outputs, inputs, to);
  }
}

void pack_rows(const float* weight, int64_t outputs, int64_t inputs, float* packed) {
  for (int64_t first = 0; first < outputs; first += panel_width, packed += panel_width * inputs) {
    const int64_t count = std::min(panel_width, outputs - first);
    for (int64_t k = 0; k < inputs; ++k) {
      for (int64_t j = 0; j < panel_width; ++j) packed[k * panel_width + j] = j < count ? weight[(first + j) * inputs + k] : 0;
    }
  }
}

}  // namespace sublayer::kernels
