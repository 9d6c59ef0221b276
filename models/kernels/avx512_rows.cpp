#include "models/kernels/avx512_rows.h"

#include <algorithm>

#include "models/kernels/vector.h"

#if SUBLAYER_HAS_X86_INSTRUCTIONS

#include <immintrin.h>

namespace sublayer::kernels::avx512 {

// All parts of AVX-512 that the compiler may take below.
bool has_floats() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"); }
bool has_bfloat16() { return has_floats() && __builtin_cpu_supports("avx512bf16"); }
bool has_int8() { return has_floats() && __builtin_cpu_supports("avx512vnni"); }

}  // namespace sublayer::kernels::avx512

// From here on, templates included; nothing that other files share may stand below.
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vnni,avx512bf16")
#include "models/kernels/packed_block.h"

namespace sublayer::kernels::avx512 {
namespace {

template <class Word>
SUBLAYER_INLINE void write(__m512 sums, const PackedProduct<Word>& product, int64_t row, int64_t output) {
  const auto is_there = static_cast<__mmask16>(0xFFFFU >> (16 - std::min<int64_t>(16, product.outputs - output)));
  if (product.row_scales) {
    const __m512 scales = _mm512_maskz_loadu_ps(is_there, product.output_scales + output);
    sums = _mm512_mul_ps(sums, _mm512_mul_ps(scales, _mm512_set1_ps(product.row_scales[row])));
  }
  if (product.bias) sums = _mm512_add_ps(sums, _mm512_maskz_loadu_ps(is_there, product.bias + output));
  _mm512_mask_storeu_ps(product.out + row * product.outputs + output, is_there, sums);
}

struct FloatLanes {
  using Word = float;
  __m512 sums;
  SUBLAYER_INLINE void start(const PackedProduct<Word>&, int64_t) { sums = _mm512_setzero_ps(); }
  SUBLAYER_INLINE void add(const Word* weights, Word x) { sums = _mm512_fmadd_ps(_mm512_loadu_ps(weights), _mm512_set1_ps(x), sums); }
  SUBLAYER_INLINE void finish(const PackedProduct<Word>& product, int64_t row, int64_t output) const { write(sums, product, row, output); }
};

struct Int8Lanes {
  using Word = uint32_t;
  using Sums = int32_t __attribute__((vector_size(64)));  // of an __m512i, which may alias anything, the compiler keeps a copy in memory
  Sums sums;
  SUBLAYER_INLINE void start(const PackedProduct<Word>& product, int64_t row) { sums = Sums{} + int8_start(product.row_sums[row]); }
  SUBLAYER_INLINE void add(const Word* weights, Word x) {
    const auto four = reinterpret_cast<Sums>(_mm512_loadu_si512(weights)), others = Sums{} + static_cast<int32_t>(x);
    sums = reinterpret_cast<Sums>(
        _mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), reinterpret_cast<__m512i>(four), reinterpret_cast<__m512i>(others)));
  }
  SUBLAYER_INLINE void finish(const PackedProduct<Word>& product, int64_t row, int64_t output) const {
    write(_mm512_maskz_cvtepi32_ps(0xFFFF, reinterpret_cast<__m512i>(sums)), product, row, output);
  }
};

struct Bfloat16Lanes {
  using Word = uint32_t;
  __m512 sums;
  SUBLAYER_INLINE void start(const PackedProduct<Word>&, int64_t) { sums = _mm512_setzero_ps(); }
  SUBLAYER_INLINE void add(const Word* weights, Word x) {
    const auto pairs = _mm512_loadu_si512(weights), pair = _mm512_set1_epi32(static_cast<int>(x));
    sums = _mm512_dpbf16_ps(sums, reinterpret_cast<const __m512bh&>(pairs), reinterpret_cast<const __m512bh&>(pair));
  }
  SUBLAYER_INLINE void finish(const PackedProduct<Word>& product, int64_t row, int64_t output) const { write(sums, product, row, output); }
};

}  // namespace

void multiply_floats(const PackedProduct<float>& product) { multiply<FloatLanes, 6, 4>(product); }
void multiply_bfloat16(const PackedProduct<uint32_t>& product) { multiply<Bfloat16Lanes, 6, 4>(product); }
void multiply_int8(const PackedProduct<uint32_t>& product) { multiply<Int8Lanes, 6, 4>(product); }

}  // namespace sublayer::kernels::avx512

#else

namespace sublayer::kernels::avx512 {

bool has_floats() { return false; }
bool has_bfloat16() { return false; }
bool has_int8() { return false; }
void multiply_floats(const PackedProduct<float>&) {}
void multiply_bfloat16(const PackedProduct<uint32_t>&) {}
void multiply_int8(const PackedProduct<uint32_t>&) {}

}  // namespace sublayer::kernels::avx512

#endif
