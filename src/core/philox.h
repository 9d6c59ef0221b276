#pragma once

#include <cstdint>

namespace sublayer {

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): four 32-bit words from a 128-bit counter and a 64-bit key. The loops over lanes
// are written so that compilers vectorise them.
template <int lanes>
struct Philox {
  uint32_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];

  __attribute__((always_inline)) inline void rounds(uint64_t key) {
    uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      for (int i = 0; i < lanes; ++i) {
        const uint64_t a = uint64_t{0xD2511F53} * c0[i];
        const uint64_t b = uint64_t{0xCD9E8D57} * c2[i];
        const uint32_t n0 = static_cast<uint32_t>(b >> 32) ^ c1[i] ^ k0;
        const uint32_t n2 = static_cast<uint32_t>(a >> 32) ^ c3[i] ^ k1;
        c1[i] = static_cast<uint32_t>(b);
        c3[i] = static_cast<uint32_t>(a);
        c0[i] = n0;
        c2[i] = n2;
      }
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
  }
};

}  // namespace sublayer
