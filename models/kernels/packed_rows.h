#pragma once

#include <cstdint>

namespace sublayer::kernels {

// A product of rows with a matrix in the order in which it is read. A word of 32 bits holds neighbouring inputs that a processor multiplies
// and adds at once: one float, two bfloat16 or four int8; words of 0 fill up a row. Sums are floats, of int8 whole numbers: exact.
template <class Word>
struct PackedProduct {
  const Word* x = nullptr;  // [rows, words]
  int64_t rows = 0, words = 0;
  const Word* matrix = nullptr;  // packed
  int64_t outputs = 0;
  const float* bias = nullptr;  // [outputs]; null: none
  // Of int8 alone: what whole numbers are multiplied with, and their sums over a row of x.
  const float* row_scales = nullptr;     // [rows]
  const int32_t* row_sums = nullptr;     // [rows]
  const float* output_scales = nullptr;  // [outputs]
  float* out = nullptr;                  // [rows, outputs]
};

// Each row's bits depend on that row alone, however many there are.
void multiply_floats(const PackedProduct<float>& product);
void multiply_bfloat16(const PackedProduct<uint32_t>& product);
void multiply_int8(const PackedProduct<uint32_t>& product);

// The same by loops that any processor can run.
namespace plain {
void multiply_floats(const PackedProduct<float>& product);
void multiply_bfloat16(const PackedProduct<uint32_t>& product);
void multiply_int8(const PackedProduct<uint32_t>& product);
}  // namespace plain

// A row of inputs as words.
inline int64_t words_of(int64_t inputs, int64_t in_a_word) { return (inputs + in_a_word - 1) / in_a_word; }
void round_to_bfloat16(const float* x, int64_t rows, int64_t inputs, uint32_t* words);
// Whole numbers from -127 to 127, `scales` [rows] times which they are x, and their sums [rows]. The scale of a row that is not finite is
// NaN.
void round_to_int8(const float* x, int64_t rows, int64_t inputs, uint32_t* words, float* scales, int32_t* sums);

// A matrix [outputs, words] in panels of 16 outputs: [outputs / 16 rounded up][words][16], 0 where there is no output.
constexpr int64_t panel_width = 16;
inline int64_t panels_of(int64_t outputs) { return (outputs + panel_width - 1) / panel_width; }
void pack(const float* matrix, int64_t outputs, int64_t words, float* packed);
void pack(const uint32_t* matrix, int64_t outputs, int64_t words, uint32_t* packed, uint32_t flipped = 0);

// Processors multiply signed bytes with unsigned ones. Flipped so, the four weights of a word are unsigned, 128 more than they were; sums
// start with what makes up for it, of the numbers of the row that they are multiplied with.
constexpr uint32_t int8_flipped = 0x80808080;
constexpr int32_t int8_start(int32_t row_sum) { return -128 * row_sum; }

}  // namespace sublayer::kernels
