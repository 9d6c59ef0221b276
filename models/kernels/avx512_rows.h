#pragma once

#include "models/kernels/packed_rows.h"

// Products by instructions of AVX-512, which add those of a whole word at once, for processors that have them.
namespace sublayer::kernels::avx512 {

bool has_floats();
bool has_bfloat16();
bool has_int8();
void multiply_floats(const PackedProduct<float>& product);
void multiply_bfloat16(const PackedProduct<uint32_t>& product);
void multiply_int8(const PackedProduct<uint32_t>& product);

}  // namespace sublayer::kernels::avx512
