#include "src/core/noise.h"

#include <xxhash.h>

#include <cmath>
#include <numbers>
#include <utility>

#include "src/core/philox.h"

namespace sublayer {
namespace {

Philox<1> block(uint64_t key, uint64_t row, uint64_t column_block) {
  Philox<1> philox{{static_cast<uint32_t>(column_block)},
                   {static_cast<uint32_t>(column_block >> 32)},
                   {static_cast<uint32_t>(row)},
                   {static_cast<uint32_t>(row >> 32)}};
  philox.rounds(key);
  return philox;
}

// Uniform in (0, 1): never 0, since its logarithm is taken.
double open_unit(uint32_t word) { return (word + 0.5) * 0x1p-32; }

// Draws every block of four columns once and lets `value(words, lane)` make an element of it.
template <class T, class Make>
void fill(uint64_t key, int64_t rows, int64_t columns, T* out, const Make& make) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; column += 4) {
      const auto philox = block(key, row, column / 4);
      const uint32_t words[4] = {philox.c0[0], philox.c1[0], philox.c2[0], philox.c3[0]};
      double values[4];
      make(words, values);
      for (int64_t i = 0; i < 4 && column + i < columns; ++i) out[row * columns + column + i] = static_cast<T>(values[i]);
    }
  }
}

template <class T>
void uniform_matrix(const Noise& noise, double low, double high, int64_t rows, int64_t columns, T* out) {
  fill(noise.key(), rows, columns, out, [&](const uint32_t* words, double* values) {
    for (int i = 0; i < 4; ++i) values[i] = low + (high - low) * open_unit(words[i]);
  });
}

// Box and Muller 1958: two uniforms give two normals.
template <class T>
void normal_matrix(const Noise& noise, double mean, double deviation, int64_t rows, int64_t columns, T* out) {
  fill(noise.key(), rows, columns, out, [&](const uint32_t* words, double* values) {
    for (int i = 0; i < 4; i += 2) {
      const double radius = deviation * std::sqrt(-2 * std::log(open_unit(words[i])));
      const double angle = 2 * std::numbers::pi * open_unit(words[i + 1]);
      values[i] = mean + radius * std::cos(angle);
      values[i + 1] = mean + radius * std::sin(angle);
    }
  });
}

}  // namespace

Noise::Noise(uint64_t seed) : key_(XXH3_64bits(&seed, sizeof seed)) {}

Noise Noise::operator()(std::string_view name) const {
  Noise derived;
  derived.key_ = XXH3_64bits_withSeed(name.data(), name.size(), key_);
  return derived;
}

Noise Noise::operator()(uint64_t counter) const {
  // A counter must never collide with a name of eight letters: its domain is marked.
  const uint64_t message[2] = {counter, 0x636f756e746572ff};
  Noise derived;
  derived.key_ = XXH3_64bits_withSeed(message, sizeof message, key_);
  return derived;
}

uint64_t Noise::bits(uint64_t index) const {
  const auto philox = block(key_, 0, index);
  return (uint64_t{philox.c0[0]} << 32) | philox.c1[0];
}

uint64_t Noise::below(uint64_t bound, uint64_t index) const {
  // High half of a 128-bit product: the bias is below bound / 2^64.
  return static_cast<uint64_t>((static_cast<unsigned __int128>(bits(index)) * bound) >> 64);
}

double Noise::uniform(uint64_t index) const { return static_cast<double>(bits(index) >> 11) * 0x1p-53; }

std::vector<int64_t> Noise::permutation(int64_t n) const {
  std::vector<int64_t> order(n);
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  for (int64_t i = n - 1; i > 0; --i) std::swap(order[i], order[below(i + 1, i)]);
  return order;
}

void fill_uniform(const Noise& noise, double low, double high, int64_t rows, int64_t columns, float* out) {
  uniform_matrix(noise, low, high, rows, columns, out);
}
void fill_uniform(const Noise& noise, double low, double high, int64_t rows, int64_t columns, double* out) {
  uniform_matrix(noise, low, high, rows, columns, out);
}
void fill_normal(const Noise& noise, double mean, double deviation, int64_t rows, int64_t columns, float* out) {
  normal_matrix(noise, mean, deviation, rows, columns, out);
}
void fill_normal(const Noise& noise, double mean, double deviation, int64_t rows, int64_t columns, double* out) {
  normal_matrix(noise, mean, deviation, rows, columns, out);
}

}  // namespace sublayer
