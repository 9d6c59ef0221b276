#pragma once

#include <bit>
#include <cstdint>

#include "models/kernels/vector.h"

namespace sublayer::kernels {

// The upper half of a float, as at::BFloat16 has it.
struct Bfloat16 {
  uint16_t bits = 0;
  SUBLAYER_INLINE operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

// Writes x, rounded to the nearest even where it loses bits. Without a branch for NaN and a copy of the struct, either of which would keep
// a loop from being vectorised.
SUBLAYER_INLINE void store(float x, float* to) { *to = x; }
SUBLAYER_INLINE void store(float x, Bfloat16* to) {
  const auto whole = std::bit_cast<uint32_t>(x);
  const uint32_t is_nan = 0U - static_cast<uint32_t>((whole & 0x7FFFFFFFU) > 0x7F800000U);  // all bits or none
  const uint32_t rounded = (whole + 0x7FFFU + ((whole >> 16) & 1U)) >> 16;
  to->bits = static_cast<uint16_t>((rounded & ~is_nan) | (0x7FC0U & is_nan));
}

}  // namespace sublayer::kernels
