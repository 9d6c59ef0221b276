#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sublayer {

// A named stream of random numbers: a pure function of a seed, the names and counters it was derived with, and a position. There is no
// state: the same name gives the same numbers in any order, on any thread, in any run. Philox4x32-10 (Salmon et al. 2011).
//   Noise(seed)("dropout")("encoder.layers.0.feed_forward")(update)(micro_batch)
class Noise {
 public:
  Noise() : Noise(0) {}
  explicit Noise(uint64_t seed);
  Noise operator()(std::string_view name) const;
  Noise operator()(uint64_t counter) const;

  uint64_t key() const { return key_; }
  uint64_t bits(uint64_t index) const;                   // 64 random bits
  uint64_t below(uint64_t bound, uint64_t index) const;  // uniform in [0, bound), bound > 0
  double uniform(uint64_t index) const;                  // uniform in [0, 1)
  std::vector<int64_t> permutation(int64_t n) const;     // of 0 .. n - 1

 private:
  uint64_t key_;
};

// Matrices of noise, [rows, columns] in row-major order. An element depends on its row and column alone, so that a wider or longer
// matrix extends a smaller one.
void fill_uniform(const Noise& noise, double low, double high, int64_t rows, int64_t columns, float* out);
void fill_uniform(const Noise& noise, double low, double high, int64_t rows, int64_t columns, double* out);
void fill_normal(const Noise& noise, double mean, double deviation, int64_t rows, int64_t columns, float* out);
void fill_normal(const Noise& noise, double mean, double deviation, int64_t rows, int64_t columns, double* out);

// keep[i] = 1 with probability 1 - drop, else 0.
void fill_keep(const Noise& noise, double drop, int64_t rows, int64_t columns, uint8_t* keep);

// The same for some rows of such a matrix.
struct RowRange {
  int64_t first, count;
};
void fill_keep(const Noise& noise, double drop, RowRange rows, int64_t columns, uint8_t* keep);

// Whether all instruction sets that this machine has draw the same (a test asks).
bool noise_kernels_agree();

}  // namespace sublayer
