#pragma once

#include <cstdint>

namespace sublayer::kernels {

// A matrix W [outputs, inputs] in the order in which products x W^T read it: panels of 16 outputs, [outputs / 16 rounded up][inputs][16],
// zeros where there is no output.
constexpr int64_t panel_width = 16;
inline int64_t packed_size(int64_t outputs, int64_t inputs) { return (outputs + panel_width - 1) / panel_width * panel_width * inputs; }
void pack_rows(const float* weight, int64_t outputs, int64_t inputs, float* packed);

// out [rows, outputs] = x [rows, inputs] W^T + bias; null: no bias. Each row's bits depend on that row alone, however many there are.
void packed_product(const float* x, int64_t rows, const float* packed, const float* bias, int64_t outputs, int64_t inputs, float* out);

}  // namespace sublayer::kernels
