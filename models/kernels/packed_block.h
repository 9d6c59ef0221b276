#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "models/kernels/packed_rows.h"
#include "models/kernels/vector.h"

// How products with a packed matrix are cut into blocks whose sums stay in registers. Each file that includes it brings lanes: the 16 sums
// of a row and a panel.
//   struct Lanes {
//     using Word = ...;
//     void start(const PackedProduct<Word>&, int64_t row);
//     void add(const Word* weights, Word x);                              // of 16 outputs
//     void finish(const PackedProduct<Word>&, int64_t row, int64_t output);  // writes 16 outputs, or as many as there are
//   };
namespace sublayer::kernels {
namespace {

// work(0), work(1), ... with indices that are constants: sums that an index of a loop chooses are kept in memory.
template <int count, class Work>
SUBLAYER_INLINE void each(const Work& work) {
  [&]<int... i>(std::integer_sequence<int, i...>) SUBLAYER_ALWAYS_INLINE { (work(std::integral_constant<int, i>{}), ...); }
  (std::make_integer_sequence<int, count>{});
}

template <class Lanes, int rows, int panels>
SUBLAYER_INLINE void block(const PackedProduct<typename Lanes::Word>& product, int64_t row, int64_t panel) {
  Lanes lanes[rows][panels];
  const int64_t words = product.words;
  const auto* const x = product.x + row * words;
  const auto* const matrix = product.matrix + panel * words * panel_width;
  each<rows>([&](auto i)
                 SUBLAYER_ALWAYS_INLINE { each<panels>([&](auto p) SUBLAYER_ALWAYS_INLINE { lanes[i][p].start(product, row + i); }); });
  for (int64_t k = 0; k < words; ++k) {
    each<panels>([&](auto p) SUBLAYER_ALWAYS_INLINE {
      each<rows>([&](auto i) SUBLAYER_ALWAYS_INLINE { lanes[i][p].add(matrix + (p * words + k) * panel_width, x[i * words + k]); });
    });
  }
  each<rows>([&](auto i) SUBLAYER_ALWAYS_INLINE {
    each<panels>([&](auto p) SUBLAYER_ALWAYS_INLINE { lanes[i][p].finish(product, row + i, (panel + p) * panel_width); });
  });
}

// Sums of few rows must not wait for each other either, so those take more panels.
template <class Lanes, int rows, int sums>
SUBLAYER_INLINE void last_rows(const PackedProduct<typename Lanes::Word>& product, int64_t row) {
  constexpr int wide = std::min(sums / rows, 4);
  const int64_t panels = panels_of(product.outputs);
  int64_t panel = 0;
  for (; panel + wide <= panels; panel += wide) block<Lanes, rows, wide>(product, row, panel);
  for (; panel < panels; ++panel) block<Lanes, rows, 1>(product, row, panel);
}

template <class Lanes, int rows, int sums>
SUBLAYER_INLINE void rest(const PackedProduct<typename Lanes::Word>& product, int64_t row) {
  if constexpr (rows > 0) {
    if (product.rows - row == rows) return last_rows<Lanes, rows, sums>(product, row);
    rest<Lanes, rows - 1, sums>(product, row);
  }
}

// Blocks of `rows` rows and `panels` panels as long as there are as many.
template <class Lanes, int rows, int panels>
SUBLAYER_INLINE void multiply(const PackedProduct<typename Lanes::Word>& product) {
  const int64_t whole = product.rows / rows * rows, all_panels = panels_of(product.outputs);
  int64_t panel = 0;
  for (; whole > 0 && panel + panels <= all_panels; panel += panels) {
    for (int64_t row = 0; row < whole; row += rows) block<Lanes, rows, panels>(product, row, panel);
  }
  for (; whole > 0 && panel < all_panels; ++panel) {
    for (int64_t row = 0; row < whole; row += rows) block<Lanes, rows, 1>(product, row, panel);
  }
  rest<Lanes, rows - 1, rows * panels>(product, whole);
}

}  // namespace
}  // namespace sublayer::kernels
