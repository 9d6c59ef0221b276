// Dropout draws one word per activation, which would be a tenth of a training if done block by block: eight blocks of four columns are
// drawn at once where the machine can. The words are integers, so every path gives the same bits. This file stands outside unity builds:
// its functions are compiled for instruction sets that the rest of the program must not use.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "src/core/noise.h"
#include "src/core/philox.h"

#if defined(__x86_64__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // g++ 12 warns about its own intrinsics
#include <immintrin.h>
#endif

namespace sublayer {
namespace {

constexpr int blocks = 8;  // drawn together
constexpr int columns_at_once = 4 * blocks;
using Keeps = std::array<uint8_t, columns_at_once>;  // in the order: word 0 of all blocks, word 1 of all blocks, ...

using Draw = void (*)(uint64_t key, uint64_t row, uint64_t first_block, uint32_t threshold, Keeps& keeps);

void draw_portable(uint64_t key, uint64_t row, uint64_t first_block, uint32_t threshold, Keeps& keeps) {
  Philox<blocks> philox;
  for (int i = 0; i < blocks; ++i) {
    philox.c0[i] = static_cast<uint32_t>(first_block + i);
    philox.c1[i] = static_cast<uint32_t>((first_block + i) >> 32);
    philox.c2[i] = static_cast<uint32_t>(row);
    philox.c3[i] = static_cast<uint32_t>(row >> 32);
  }
  philox.rounds(key);
  for (int i = 0; i < blocks; ++i) {
    keeps[i] = philox.c0[i] >= threshold;
    keeps[blocks + i] = philox.c1[i] >= threshold;
    keeps[2 * blocks + i] = philox.c2[i] >= threshold;
    keeps[3 * blocks + i] = philox.c3[i] >= threshold;
  }
}

#if defined(__x86_64__)
// Eight 32-bit words, one in the low half of each 64-bit lane: a product of two then needs one instruction.
__attribute__((target("avx512f,avx512vl,avx512bw"))) void draw_avx512(uint64_t key, uint64_t row, uint64_t first_block, uint32_t threshold,
                                                                      Keeps& keeps) {
  const __m512i low_half = _mm512_set1_epi64(0xffffffff);
  const __m512i index = _mm512_add_epi64(_mm512_set1_epi64(first_block), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
  __m512i c0 = _mm512_and_si512(index, low_half), c1 = _mm512_srli_epi64(index, 32);
  __m512i c2 = _mm512_set1_epi64(row & 0xffffffff), c3 = _mm512_set1_epi64(row >> 32);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  const __m512i m0 = _mm512_set1_epi64(0xD2511F53), m1 = _mm512_set1_epi64(0xCD9E8D57);
  for (int round = 0; round < 10; ++round) {
    const __m512i a = _mm512_mul_epu32(c0, m0), b = _mm512_mul_epu32(c2, m1);
    c0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(b, 32), c1, _mm512_set1_epi64(k0), 0x96);
    c2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(a, 32), c3, _mm512_set1_epi64(k1), 0x96);
    c1 = _mm512_and_si512(b, low_half);
    c3 = _mm512_and_si512(a, low_half);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  const __m512i limit = _mm512_set1_epi64(threshold);
  const __m512i words[4] = {c0, c1, c2, c3};
  for (int i = 0; i < 4; ++i) {
    const __mmask8 kept = _mm512_cmpge_epu64_mask(words[i], limit);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(keeps.data() + i * blocks), _mm_maskz_set1_epi8(kept, 1));
  }
}

__attribute__((target("avx2"))) void draw_avx2(uint64_t key, uint64_t row, uint64_t first_block, uint32_t threshold, Keeps& keeps) {
  const __m256i low_half = _mm256_set1_epi64x(0xffffffff), m0 = _mm256_set1_epi64x(0xD2511F53), m1 = _mm256_set1_epi64x(0xCD9E8D57);
  __m256i c0[2], c1[2], c2[2], c3[2];
  for (int h = 0; h < 2; ++h) {
    const __m256i index = _mm256_add_epi64(_mm256_set1_epi64x(first_block + 4 * h), _mm256_setr_epi64x(0, 1, 2, 3));
    c0[h] = _mm256_and_si256(index, low_half);
    c1[h] = _mm256_srli_epi64(index, 32);
    c2[h] = _mm256_set1_epi64x(row & 0xffffffff);
    c3[h] = _mm256_set1_epi64x(row >> 32);
  }
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    for (int h = 0; h < 2; ++h) {
      const __m256i a = _mm256_mul_epu32(c0[h], m0), b = _mm256_mul_epu32(c2[h], m1);
      c0[h] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(b, 32), c1[h]), _mm256_set1_epi64x(k0));
      c2[h] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(a, 32), c3[h]), _mm256_set1_epi64x(k1));
      c1[h] = _mm256_and_si256(b, low_half);
      c3[h] = _mm256_and_si256(a, low_half);
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  uint64_t words[4][blocks];
  for (int h = 0; h < 2; ++h) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words[0] + 4 * h), c0[h]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words[1] + 4 * h), c1[h]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words[2] + 4 * h), c2[h]);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(words[3] + 4 * h), c3[h]);
  }
  for (int i = 0; i < columns_at_once; ++i) keeps[i] = words[i / blocks][i % blocks] >= threshold;
}
#endif

Draw fastest_draw() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) return draw_avx512;
  if (__builtin_cpu_supports("avx2")) return draw_avx2;
#endif
  return draw_portable;
}

void keep_matrix(Draw draw, const Noise& noise, double drop, RowRange rows, int64_t columns, uint8_t* keep) {
  const auto threshold = static_cast<uint32_t>(std::min(std::floor(drop * 0x1p32), 0x1p32 - 1));
  for (int64_t row = 0; row < rows.count; ++row) {
    uint8_t* out = keep + row * columns;
    for (int64_t column = 0; column < columns; column += columns_at_once) {
      Keeps keeps;
      draw(noise.key(), rows.first + row, column / 4, threshold, keeps);
      const int64_t count = std::min<int64_t>(columns_at_once, columns - column);
      for (int64_t i = 0; i < count; ++i) out[column + i] = keeps[(i % 4) * blocks + i / 4];
    }
  }
}

}  // namespace

void fill_keep(const Noise& noise, double drop, int64_t rows, int64_t columns, uint8_t* keep) {
  fill_keep(noise, drop, RowRange{0, rows}, columns, keep);
}

void fill_keep(const Noise& noise, double drop, RowRange rows, int64_t columns, uint8_t* keep) {
  static const Draw draw = fastest_draw();
  keep_matrix(draw, noise, drop, rows, columns, keep);
}

bool noise_kernels_agree() {
  std::vector<Draw> draws = {draw_portable};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    draws.push_back(draw_avx512);
  if (__builtin_cpu_supports("avx2")) draws.push_back(draw_avx2);
#endif
  Keeps expected, given;
  for (uint64_t i = 0; i < 1000; ++i) {
    const Noise noise(i);
    draws[0](noise.key(), noise.bits(1), noise.bits(2) >> (i % 64), 0x7fffffff, expected);
    for (const auto draw : draws) {
      draw(noise.key(), noise.bits(1), noise.bits(2) >> (i % 64), 0x7fffffff, given);
      if (given != expected) return false;
    }
  }
  return true;
}

}  // namespace sublayer
