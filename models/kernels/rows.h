#pragma once

#include <cstdint>

#include "models/kernels/bfloat16.h"

// Loops over rows of contiguous elements: [rows, columns], row-major. Whatever the elements are, arithmetic is that of floats.
namespace sublayer::kernels {

// Which elements stay, one byte each, and the factor on those: null drops nothing.
struct Kept {
  const uint8_t* keep = nullptr;
  float scale = 1;
  Kept from(int64_t start) const { return {keep ? keep + start : nullptr, scale}; }
};

// out = x + dropout(y).
void add_rows(const float* x, const float* y, Kept kept, int64_t size, float* out);
void add_rows(const Bfloat16* x, const Bfloat16* y, Kept kept, int64_t size, Bfloat16* out);

// out = dropout(x).
void drop(const float* x, Kept kept, int64_t size, float* out);
void drop(const Bfloat16* x, Kept kept, int64_t size, Bfloat16* out);

// sum += x.
void add_to(const float* x, int64_t size, float* sum);
void add_to(const Bfloat16* x, int64_t size, float* sum);

void convert(const Bfloat16* x, int64_t size, float* out);
void convert(const float* x, int64_t size, Bfloat16* out);

}  // namespace sublayer::kernels
