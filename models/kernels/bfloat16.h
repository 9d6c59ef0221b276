#pragma once

#include <bit>
#include <cstdint>

#include "models/kernels/vector.h"

namespace sublayer::kernels {

// The upper half of a float, as at::BFloat16 has it, with conversions that become vector instructions: exact to float, and to the nearest
// even from it.
struct Bfloat16 {
  uint16_t bits = 0;

  Bfloat16() = default;
  SUBLAYER_INLINE Bfloat16(float x) {
    const auto whole = std::bit_cast<uint32_t>(x);
    const uint32_t rounded = (whole + 0x7FFFU + ((whole >> 16) & 1U)) >> 16;
    bits = static_cast<uint16_t>(x != x ? 0x7FC0U : rounded);
  }
  SUBLAYER_INLINE operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }
};

}  // namespace sublayer::kernels
