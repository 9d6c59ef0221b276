#pragma once

#include <cstdint>

namespace sublayer::kernels {

// A product of rows with a matrix in the order in which it is read. A word of 32 bits holds neighbouring inputs that a processor multiplies
// and adds at once: one float, two bfloat16 or four int8; words of 0 fill up a row. Sums are floats, of int8 whole numbers: exact.
template <class Word>
struct PackedProduct {
  const Word* x = nullptr;  // [rows, words]
  int64_t rows = 0, words = 0;
  const Word* matrix = nullptr;  // see pack_floats
  int64_t outputs = 0;
  const float* bias = nullptr;  // [outputs]; null: none
  // Of int8 alone: what a row's numbers were divided by, the sum from which its products count, and what an output's weights were divided
  // by.
  const float* row_scales = nullptr;
  const int32_t* row_starts = nullptr;
  const float* output_scales = nullptr;
  float* out = nullptr;  // [rows, outputs]
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

// A matrix W [outputs, inputs] in panels of 16 outputs: [outputs / 16 rounded up][words][16], nothing but 0 where there is no output.
constexpr int64_t panel_width = 16;
inline int64_t panels_of(int64_t outputs) { return (outputs + panel_width - 1) / panel_width; }
inline int64_t words_of(int64_t inputs, int64_t in_a_word) { return (inputs + in_a_word - 1) / in_a_word; }
void pack_floats(const float* weight, int64_t outputs, int64_t inputs, float* packed);
void pack_bfloat16(const float* weight, int64_t outputs, int64_t inputs, uint32_t* packed);
// Weights are 128 more than whole numbers from -127 to 127, `scales` [outputs] times which they are W.
void pack_int8(const float* weight, int64_t outputs, int64_t inputs, uint32_t* packed, float* scales);

// Rows [rows, inputs] as words.
void round_to_bfloat16(const float* x, int64_t rows, int64_t inputs, uint32_t* words);
// Whole numbers from -127 to 127, `scales` [rows] times which they are x; `starts` [rows] undo the 128 of the weights. The scale of a row
// that is not finite is NaN.
void round_to_int8(const float* x, int64_t rows, int64_t inputs, uint32_t* words, float* scales, int32_t* starts);

}  // namespace sublayer::kernels
