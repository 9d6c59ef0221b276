#include "src/core/noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "src/core/philox.h"
#include "tests/support/catch.h"

namespace sublayer {
namespace {

struct Words {
  uint32_t c0, c1, c2, c3;
  bool operator==(const Words&) const = default;
};

Words philox(const Words& counter, uint64_t key) {
  Philox<1> lanes{{counter.c0}, {counter.c1}, {counter.c2}, {counter.c3}};
  lanes.rounds(key);
  return {lanes.c0[0], lanes.c1[0], lanes.c2[0], lanes.c3[0]};
}

template <class T>
using Fill = void (*)(const Noise&, double, double, int64_t, int64_t, T*);

template <class T>
std::vector<T> matrix(Fill<T> fill, const Noise& noise, double a, double b, int64_t rows, int64_t columns) {
  std::vector<T> values(rows * columns);
  fill(noise, a, b, rows, columns, values.data());
  return values;
}

std::vector<uint8_t> kept(const Noise& noise, double drop, int64_t rows, int64_t columns) {
  std::vector<uint8_t> keep(rows * columns, 7);
  fill_keep(noise, drop, rows, columns, keep.data());
  return keep;
}

// Whether `large` [., large_columns] begins with `small` [rows, columns] in its upper left corner.
template <class T>
bool extends(const std::vector<T>& large, int64_t large_columns, const std::vector<T>& small, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row) {
    if (!std::equal(small.begin() + row * columns, small.begin() + (row + 1) * columns, large.begin() + row * large_columns)) return false;
  }
  return true;
}

double mean_of(const std::vector<double>& values, int power) {
  double sum = 0;
  for (const double value : values) sum += std::pow(value, power);
  return sum / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("Philox4x32-10 gives the published words") {
  CHECK(philox({0, 0, 0, 0}, 0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffffffffffff) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  // Digits of pi; the first word of the key is its low half.
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("Philox gives every lane what it would get alone") {
  Philox<3> lanes{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10, 11, 12}};
  lanes.rounds(99);
  for (uint32_t i = 0; i < 3; ++i) {
    CHECK(Words{lanes.c0[i], lanes.c1[i], lanes.c2[i], lanes.c3[i]} == philox({1 + i, 4 + i, 7 + i, 10 + i}, 99));
  }
}

TEST_CASE("a stream depends on the seed, every name and counter on the way, and their order") {
  std::set<uint64_t> keys;
  int64_t streams = 0;
  const auto add = [&](const Noise& noise) {
    keys.insert(noise.key());
    ++streams;
  };
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Noise noise(seed);
    add(noise);
    for (const char* name : {"", "a", "b", "ab", "dropout"}) {
      add(noise(name));
      for (uint64_t counter = 0; counter < 10; ++counter) add(noise(name)(counter));
    }
    for (uint64_t counter = 0; counter < 10; ++counter) add(noise(counter)("a"));
    add(noise("a")("b"));
    add(noise("b")("a"));
  }
  CHECK(static_cast<int64_t>(keys.size()) == streams);
  CHECK(Noise(1)("a")("b").key() != Noise(1)("b")("a").key());
  CHECK(Noise(1)("a")("b").key() != Noise(1)("ab").key());
  CHECK(Noise(1)("a")(2).key() != Noise(1)(2)("a").key());
  CHECK(Noise(1)(2)(3).key() != Noise(1)(3)(2).key());
  CHECK(Noise(1)("12345678").key() != Noise(1)(0x3837363534333231).key());  // the counter has the bytes of the name
  CHECK(Noise(0)("a").key() == Noise()("a").key());
}

TEST_CASE("numbers are the same in any order and on any path to the stream") {
  const Noise noise = Noise(5)("a")(3);
  std::vector<uint64_t> forwards, backwards;
  for (uint64_t i = 0; i < 100; ++i) forwards.push_back(noise.bits(i));
  Noise(5)("b").bits(1);  // what others draw changes nothing
  for (uint64_t i = 100; i-- > 0;) backwards.push_back(Noise(5)("a")(3).bits(i));
  std::reverse(backwards.begin(), backwards.end());
  CHECK(forwards == backwards);
  CHECK(std::set<uint64_t>(forwards.begin(), forwards.end()).size() == forwards.size());
}

TEST_CASE("uniform numbers lie in their range and fill it evenly") {
  const Noise noise(1);
  std::vector<int64_t> counts(7);
  std::vector<double> uniforms;
  for (uint64_t i = 0; i < 70000; ++i) {
    ++counts.at(noise.below(7, i));
    uniforms.push_back(noise.uniform(i));
  }
  CHECK(*std::min_element(uniforms.begin(), uniforms.end()) >= 0);
  CHECK(*std::max_element(uniforms.begin(), uniforms.end()) < 1);
  for (const int64_t count : counts) CHECK(std::abs(count - 10000) < 400);  // 4 standard deviations
  CHECK(mean_of(uniforms, 1) == Approx(0.5).margin(0.005));
  CHECK(mean_of(uniforms, 2) == Approx(1.0 / 3).margin(0.005));
  CHECK(noise.below(1, 3) == 0);
}

TEST_CASE("a permutation holds every number once, and differs between streams") {
  for (const int64_t n : {0, 1, 2, 3, 100}) {
    auto order = Noise(3).permutation(n);
    std::sort(order.begin(), order.end());
    std::vector<int64_t> all(n);
    std::iota(all.begin(), all.end(), 0);
    CHECK(order == all);
  }
  CHECK(Noise(3).permutation(100) == Noise(3).permutation(100));
  CHECK(Noise(3).permutation(100) != Noise(4).permutation(100));
}

TEST_CASE("each of the six orders of three is as likely as the others") {
  std::vector<int64_t> counts(9);
  for (uint64_t i = 0; i < 6000; ++i) {
    const auto order = Noise(i).permutation(3);
    ++counts[order[0] * 3 + order[1]];
  }
  for (const int64_t order : {1, 2, 3, 5, 6, 7}) CHECK(std::abs(counts[order] - 1000) < 120);
}

TEST_CASE("a wider or longer matrix of noise extends a smaller one") {
  const Noise noise = Noise(2)("weight");
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{1, 1}, {3, 4}, {2, 7}, {5, 33}}) {
    for (const auto& [more_rows, more_columns] : {std::pair<int64_t, int64_t>{0, 1}, {1, 0}, {2, 40}}) {
      const int64_t wide = columns + more_columns, tall = rows + more_rows;
      CHECK(extends(matrix<float>(fill_normal, noise, 0, 1, tall, wide), wide, matrix<float>(fill_normal, noise, 0, 1, rows, columns), rows,
                    columns));
      CHECK(extends(matrix<double>(fill_uniform, noise, 0, 1, tall, wide), wide, matrix<double>(fill_uniform, noise, 0, 1, rows, columns),
                    rows, columns));
      CHECK(extends(kept(noise, 0.3, tall, wide), wide, kept(noise, 0.3, rows, columns), rows, columns));
    }
  }
}

TEST_CASE("float and double matrices hold the same numbers") {
  const auto narrow = matrix<float>(fill_normal, Noise(1), 0, 1, 3, 9);
  const auto wide = matrix<double>(fill_normal, Noise(1), 0, 1, 3, 9);
  for (size_t i = 0; i < wide.size(); ++i) CHECK(narrow[i] == static_cast<float>(wide[i]));
}

TEST_CASE("normal noise has the moments of a normal distribution") {
  const auto values = matrix<double>(fill_normal, Noise(7), 0, 1, 200, 501);
  CHECK(mean_of(values, 1) == Approx(0).margin(0.012));  // about 4 standard errors each
  CHECK(mean_of(values, 2) == Approx(1).margin(0.018));
  CHECK(mean_of(values, 3) == Approx(0).margin(0.05));
  CHECK(mean_of(values, 4) == Approx(3).margin(0.13));
  const auto shifted = matrix<double>(fill_normal, Noise(7), 2, 0.5, 200, 501);
  for (size_t i = 0; i < 100; ++i) CHECK(shifted[i] == Approx(2 + 0.5 * values[i]));
}

TEST_CASE("neighbours in a row and in a column are independent") {
  constexpr int64_t rows = 300, columns = 301;
  const auto values = matrix<double>(fill_normal, Noise(8), 0, 1, rows, columns);
  double in_row = 0, in_column = 0;
  for (int64_t row = 0; row + 1 < rows; ++row) {
    for (int64_t column = 0; column + 1 < columns; ++column) {
      in_row += values[row * columns + column] * values[row * columns + column + 1];
      in_column += values[row * columns + column] * values[(row + 1) * columns + column];
    }
  }
  CHECK(std::abs(in_row / (rows * columns)) < 0.015);
  CHECK(std::abs(in_column / (rows * columns)) < 0.015);
}

TEST_CASE("uniform matrices stay within their bounds") {
  const auto values = matrix<double>(fill_uniform, Noise(9), -2, 3, 100, 100);
  CHECK(*std::min_element(values.begin(), values.end()) > -2);
  CHECK(*std::max_element(values.begin(), values.end()) < 3);
  CHECK(mean_of(values, 1) == Approx(0.5).margin(0.06));
}

TEST_CASE("every instruction set of this machine draws the same masks") { CHECK(noise_kernels_agree()); }

TEST_CASE("elements are kept at the rate that is asked for") {
  for (const double drop : {0.0, 0.1, 0.5, 0.9}) {
    const auto keep = kept(Noise(10), drop, 300, 333);
    CHECK(*std::max_element(keep.begin(), keep.end()) <= 1);
    const double rate = static_cast<double>(std::accumulate(keep.begin(), keep.end(), int64_t{0})) / static_cast<double>(keep.size());
    CHECK(std::abs(rate - (1 - drop)) <= 4 * std::sqrt(drop * (1 - drop) / static_cast<double>(keep.size())));
  }
}

TEST_CASE("what is kept at a higher rate of dropping is kept at a lower one") {
  const auto more = kept(Noise(11), 0.2, 20, 50), less = kept(Noise(11), 0.6, 20, 50);
  CHECK(std::equal(less.begin(), less.end(), more.begin(), std::less_equal<>()));
}

}  // namespace sublayer
