#pragma once

#include <cstdint>

// Loops over rows of contiguous floats: [rows, columns], row-major.
namespace sublayer::kernels {

// Which elements stay, one byte each, and the factor on those: null drops nothing.
struct Kept {
  const uint8_t* keep = nullptr;
  float scale = 1;
};

// out = x + dropout(y).
void add_rows(const float* x, const float* y, Kept kept, int64_t size, float* out);

// out = dropout(x).
void drop(const float* x, Kept kept, int64_t size, float* out);

}  // namespace sublayer::kernels
