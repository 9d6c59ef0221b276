// Products of a few rows with a matrix that stays: a library packs the matrix anew at each call, or reads it as it does not lie in memory.
// Vector instructions come from the compiler, so the file stands outside of unity builds.
#include "models/kernels/packed_rows.h"

#include <bit>
#include <cmath>

#include "models/kernels/avx512_rows.h"
#include "models/kernels/bfloat16.h"
#include "models/kernels/packed_block.h"

namespace sublayer::kernels {
namespace {

struct FloatDot {
  using Word = float;
  using Sum = float;
  SUBLAYER_INLINE static Sum add(Sum sum, Word weight, Word x) { return sum + weight * x; }
};

struct Bfloat16Dot {
  using Word = uint32_t;
  using Sum = float;
  SUBLAYER_INLINE static float first(Word word) { return std::bit_cast<float>(word << 16); }
  SUBLAYER_INLINE static float second(Word word) { return std::bit_cast<float>(word & 0xFFFF0000U); }
  SUBLAYER_INLINE static Sum add(Sum sum, Word weight, Word x) { return sum + first(weight) * first(x) + second(weight) * second(x); }
};

struct Int8Dot {
  using Word = uint32_t;
  using Sum = int32_t;
  template <int byte>
  SUBLAYER_INLINE static int32_t product(Word weight, Word x) {
    return static_cast<int32_t>(weight >> (8 * byte) & 0xFF) * (static_cast<int32_t>(x << (24 - 8 * byte)) >> 24);
  }
  SUBLAYER_INLINE static Sum add(Sum sum, Word weight, Word x) {
    return sum + product<0>(weight, x) + product<1>(weight, x) + product<2>(weight, x) + product<3>(weight, x);
  }
};

// For packed_block.h.
template <class Dot>
struct PlainLanes {
  using Word = typename Dot::Word;
  typename Dot::Sum sums[panel_width];

  SUBLAYER_INLINE void start(const PackedProduct<Word>& product, int64_t row) {
    const typename Dot::Sum value = product.row_sums ? int8_start(product.row_sums[row]) : 0;
#pragma omp simd
    for (int j = 0; j < panel_width; ++j) sums[j] = value;
  }
  SUBLAYER_INLINE void add(const Word* weights, Word x) {
#pragma omp simd
    for (int j = 0; j < panel_width; ++j) sums[j] = Dot::add(sums[j], weights[j], x);
  }
  SUBLAYER_INLINE void finish(const PackedProduct<Word>& product, int64_t row, int64_t output) const {
    float values[panel_width];
#pragma omp simd
    for (int j = 0; j < panel_width; ++j) values[j] = static_cast<float>(sums[j]);
    float* const to = product.out + row * product.outputs + output;
    const auto write = [&](int count) SUBLAYER_ALWAYS_INLINE {
      if (product.row_scales) {
        const float scale = product.row_scales[row];
#pragma omp simd
        for (int j = 0; j < count; ++j) values[j] *= scale * product.output_scales[output + j];
      }
      if (product.bias) {
#pragma omp simd
        for (int j = 0; j < count; ++j) values[j] += product.bias[output + j];
      }
#pragma omp simd
      for (int j = 0; j < count; ++j) to[j] = values[j];
    };
    if (product.outputs - output >= panel_width) {
      write(panel_width);
    } else {
      write(static_cast<int>(product.outputs - output));
    }
  }
};

// word(output, k) is the k-th of an output.
template <class Word, class Find>
void pack_words(int64_t outputs, int64_t words, Word* packed, const Find& word) {
  for (int64_t first = 0; first < outputs; first += panel_width) {
    for (int64_t k = 0; k < words; ++k) {
      for (int64_t j = 0; j < panel_width; ++j) *packed++ = first + j < outputs ? word(first + j, k) : 0;
    }
  }
}

uint16_t bfloat16_of(float x) {
  Bfloat16 half;
  store(x, &half);
  return half.bits;
}

// What a row is divided by to be whole numbers from -127 to 127; NaN if it is not finite.
SUBLAYER_INLINE float int8_scale(const float* x, int64_t size) {
  float largest = 0, nothing = 0;
#pragma omp simd reduction(max : largest) reduction(+ : nothing)
  for (int64_t i = 0; i < size; ++i) {
    largest = std::fabs(x[i]) > largest ? std::fabs(x[i]) : largest;
    nothing += x[i] * 0;
  }
  return largest / 127 + nothing;
}
SUBLAYER_INLINE float inverse_of(float scale) { return scale > 0 ? 1 / scale : 0; }
// Whatever lies beyond belongs to a row that is not finite or of denormal numbers.
SUBLAYER_INLINE int32_t rounded(float x) { return std::fabs(x) < 127.5F ? static_cast<int32_t>(std::nearbyint(x)) : 0; }

}  // namespace

SUBLAYER_VECTORIZED void plain::multiply_floats(const PackedProduct<float>& product) { multiply<PlainLanes<FloatDot>, 6, 1>(product); }
SUBLAYER_VECTORIZED void plain::multiply_bfloat16(const PackedProduct<uint32_t>& product) {
  multiply<PlainLanes<Bfloat16Dot>, 2, 1>(product);
}
SUBLAYER_VECTORIZED void plain::multiply_int8(const PackedProduct<uint32_t>& product) { multiply<PlainLanes<Int8Dot>, 2, 1>(product); }

void multiply_floats(const PackedProduct<float>& product) {
  avx512::has_floats() ? avx512::multiply_floats(product) : plain::multiply_floats(product);
}
void multiply_bfloat16(const PackedProduct<uint32_t>& product) {
  avx512::has_bfloat16() ? avx512::multiply_bfloat16(product) : plain::multiply_bfloat16(product);
}
void multiply_int8(const PackedProduct<uint32_t>& product) {
  avx512::has_int8() ? avx512::multiply_int8(product) : plain::multiply_int8(product);
}

void pack(const float* matrix, int64_t outputs, int64_t words, float* packed) {
  pack_words(outputs, words, packed, [&](int64_t output, int64_t k) { return matrix[output * words + k]; });
}
void pack(const uint32_t* matrix, int64_t outputs, int64_t words, uint32_t* packed, uint32_t flipped) {
  pack_words(outputs, words, packed, [&](int64_t output, int64_t k) { return matrix[output * words + k] ^ flipped; });
}

SUBLAYER_VECTORIZED void round_to_bfloat16(const float* x, int64_t rows, int64_t inputs, uint32_t* words) {
  const int64_t whole = inputs / 2, all = words_of(inputs, 2);
  for (int64_t row = 0; row < rows; ++row, x += inputs, words += all) {
#pragma omp simd
    for (int64_t k = 0; k < whole; ++k) {
      Bfloat16 first, second;
      store(x[2 * k], &first);
      store(x[2 * k + 1], &second);
      words[k] = first.bits | static_cast<uint32_t>(second.bits) << 16;
    }
    if (whole < all) words[whole] = bfloat16_of(x[2 * whole]);
  }
}

SUBLAYER_VECTORIZED void round_to_int8(const float* x, int64_t rows, int64_t inputs, uint32_t* words, float* scales, int32_t* sums) {
  const int64_t whole = inputs / 4, all = words_of(inputs, 4);
  for (int64_t row = 0; row < rows; ++row, x += inputs, words += all) {
    scales[row] = int8_scale(x, inputs);
    const float factor = inverse_of(scales[row]);
    int32_t sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t k = 0; k < whole; ++k) {
      const int32_t a = rounded(x[4 * k] * factor), b = rounded(x[4 * k + 1] * factor), c = rounded(x[4 * k + 2] * factor),
                    d = rounded(x[4 * k + 3] * factor);
      sum += a + b + c + d;
      words[k] = (a & 0xFF) | (b & 0xFF) << 8 | (c & 0xFF) << 16 | static_cast<uint32_t>(d) << 24;
    }
    if (whole < all) {
      words[whole] = 0;
      for (int64_t i = 4 * whole; i < inputs; ++i) {
        const int32_t number = rounded(x[i] * factor);
        sum += number;
        words[whole] |= static_cast<uint32_t>(number & 0xFF) << 8 * (i - 4 * whole);
      }
    }
    sums[row] = sum;
  }
}

}  // namespace sublayer::kernels
