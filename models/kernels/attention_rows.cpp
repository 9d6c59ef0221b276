// Products of a few rows are too small for a library of matrix products: a call costs more than the work. T queries, S keys, P = S rounded
// up to 16, D width of a head. Vector instructions come from the compiler, so the file stands outside of unity builds.
#include "models/kernels/attention_rows.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "models/kernels/vector.h"
#include "models/kernels/vector_math.h"

namespace sublayer::kernels {
namespace {

constexpr int64_t lanes = 16;
int64_t padded(int64_t size) { return AttentionShape::padded(size); }

// A matrix in memory: element (i, j) at data[i * row + j * column].
struct Matrix {
  const float* data;
  int64_t row, column = 1;
};

// C[0..rows, 0..16] = A B, or added to what is there.
template <int rows>
SUBLAYER_INLINE void block(Matrix a, Matrix b, int64_t depth, bool adds, float* c, int64_t c_row) {
  float sums[rows][lanes] = {};
  for (int64_t k = 0; k < depth; ++k) {
    const float* from = b.data + k * b.row;
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
      const float factor = a.data[i * a.row + k * a.column];
#pragma omp simd
      for (int j = 0; j < lanes; ++j) sums[i][j] += factor * from[j];
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < rows; ++i) {
    float* to = c + i * c_row;
    if (adds) {
#pragma omp simd
      for (int j = 0; j < lanes; ++j) to[j] += sums[i][j];
    } else {
#pragma omp simd
      for (int j = 0; j < lanes; ++j) to[j] = sums[i][j];
    }
  }
}

// C [rows, columns] = A [rows, depth] B [depth, columns], or added to what is there. Columns are a multiple of 16, rows of B contiguous.
SUBLAYER_VECTORIZED void product(Matrix a, Matrix b, int64_t rows, int64_t columns, int64_t depth, bool adds, float* c, int64_t c_row) {
  for (int64_t j = 0; j < columns; j += lanes) {
    const Matrix right{b.data + j, b.row};
    for (int64_t i = 0; i < rows; i += 4) {
      const Matrix left{a.data + i * a.row, a.row, a.column};
      float* const to = c + i * c_row + j;
      switch (rows - i) {
        case 1:
          block<1>(left, right, depth, adds, to, c_row);
          break;
        case 2:
          block<2>(left, right, depth, adds, to, c_row);
          break;
        case 3:
          block<3>(left, right, depth, adds, to, c_row);
          break;
        default:
          block<4>(left, right, depth, adds, to, c_row);
      }
    }
  }
}

// [S, D] -> [D, P], zeros behind each row.
void transpose(Matrix from, int64_t keys, int64_t width, float* to) {
  const int64_t row = padded(keys);
  if (keys < row) std::fill(to, to + width * row, 0.0F);
  for (int64_t s = 0; s < keys; ++s) {
    for (int64_t d = 0; d < width; ++d) to[d * row + s] = from.data[s * from.row + d];
  }
}

// Scores become weights; those of keys that are not seen are 0. Full vectors throughout: tails one by one would cost more than all else.
SUBLAYER_VECTORIZED void softmax(float* row, int64_t seen, int64_t size, float scale) {
  if (size == 0) return;
  std::fill(row + seen, row + size, std::numeric_limits<float>::lowest());
  float highest = row[0];
#pragma omp simd reduction(max : highest)
  for (int64_t s = 0; s < size; ++s) highest = row[s] > highest ? row[s] : highest;
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t s = 0; s < size; ++s) {
    row[s] = exponential((row[s] - highest) * scale);
    sum += row[s];
  }
  const float inverse = 1 / sum;
#pragma omp simd
  for (int64_t s = 0; s < size; ++s) row[s] *= inverse;
}

// Gradients of weights become those of scores.
SUBLAYER_VECTORIZED void softmax_gradient(const float* weights, float* gradient, int64_t size, float scale) {
  float mean = 0;
#pragma omp simd reduction(+ : mean)
  for (int64_t s = 0; s < size; ++s) mean += weights[s] * gradient[s];
#pragma omp simd
  for (int64_t s = 0; s < size; ++s) gradient[s] = weights[s] * (gradient[s] - mean) * scale;
}

// One head of one sequence.
struct Piece {
  int64_t queries, keys, query_at, key_at, weights_at;  // lengths, and where they begin
  bool is_first;                                        // of the heads that share keys and values
};

template <class Work>
void for_each_piece(const AttentionShape& shape, const Work& work) {
  int64_t query_row = 0, key_row = 0, weight = 0;
  const int64_t sharing = shape.heads / shape.key_heads;
  for (size_t b = 0; b < shape.query_lengths.size(); ++b) {
    const int64_t queries = shape.query_lengths[b], keys = shape.key_lengths[b];
    for (int64_t h = 0; h < shape.heads; ++h) {
      work(Piece{queries, keys, (query_row * shape.heads + h) * shape.width, (key_row * shape.key_heads + h / sharing) * shape.width,
                 weight, h % sharing == 0});
      weight += queries * padded(keys);
    }
    query_row += queries;
    key_row += keys;
  }
}

int64_t longest(const std::vector<int64_t>& lengths) { return lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end()); }

// One head's rows of a tensor as floats: where they are, or of other elements a copy.
template <class Element>
class HeadRows {
 public:
  HeadRows(int64_t stride, int64_t width, int64_t most_rows) : stride_(stride), width_(width), copy_(is_copied ? most_rows * width : 0) {}

  Matrix read(const Element* data, int64_t rows) {
    if constexpr (is_copied) {
      for (int64_t row = 0; row < rows; ++row) convert(data + row * stride_, width_, copy_.data() + row * width_);
      return {copy_.data(), width_};
    } else {
      return {data, stride_};
    }
  }

  // Sets the rows to the product, or adds it to them.
  void write(Matrix a, Matrix b, int64_t rows, int64_t depth, bool adds, Element* data) {
    if constexpr (is_copied) {
      if (adds) read(data, rows);
      product(a, b, rows, width_, depth, adds, copy_.data(), width_);
      for (int64_t row = 0; row < rows; ++row) convert(copy_.data() + row * width_, width_, data + row * stride_);
    } else {
      product(a, b, rows, width_, depth, adds, data, stride_);
    }
  }

 private:
  static constexpr bool is_copied = !std::is_same_v<Element, float>;
  int64_t stride_, width_;
  std::vector<float> copy_;
};

template <class Element>
void attend_all(const AttentionShape& shape, const Element* queries, const Element* keys, const Element* values, Kept kept, float* weights,
                Element* out) {
  const int64_t most_queries = longest(shape.query_lengths), most_keys = padded(longest(shape.key_lengths));
  HeadRows<Element> of_queries(shape.heads * shape.width, shape.width, most_queries),
      of_keys(shape.key_heads * shape.width, shape.width, most_keys);
  std::vector<float> turned(shape.width * most_keys), dropped(kept.keep ? most_queries * most_keys : 0);
  for_each_piece(shape, [&](const Piece& p) {
    const int64_t row = padded(p.keys);
    float* const w = weights + p.weights_at;
    transpose(of_keys.read(keys + p.key_at, p.keys), p.keys, shape.width, turned.data());
    product(of_queries.read(queries + p.query_at, p.queries), {turned.data(), row}, p.queries, row, shape.width, false, w, row);
    for (int64_t t = 0; t < p.queries; ++t) softmax(w + t * row, shape.is_causal ? std::min(t + 1, p.keys) : p.keys, row, shape.scale);
    const float* used = w;
    if (kept.keep) {
      drop(w, kept.from(p.weights_at), p.queries * row, dropped.data());
      used = dropped.data();
    }
    of_queries.write({used, row}, of_keys.read(values + p.key_at, p.keys), p.queries, p.keys, false, out + p.query_at);
  });
}

template <class Element>
void gradient_of_all(const AttentionShape& shape, const Element* gradient, const Element* queries, const Element* keys,
                     const Element* values, const float* weights, Kept kept, Element* query_gradient, Element* key_gradient,
                     Element* value_gradient) {
  const int64_t most_queries = longest(shape.query_lengths), most_keys = padded(longest(shape.key_lengths)),
                most = most_queries * most_keys;
  HeadRows<Element> of_gradient(shape.heads * shape.width, shape.width, most_queries),
      of_queries = of_gradient, of_keys(shape.key_heads * shape.width, shape.width, most_keys), of_key_gradient = of_keys;
  std::vector<float> turned(shape.width * most_keys), scores(most), dropped(kept.keep ? most : 0);
  for_each_piece(shape, [&](const Piece& p) {
    const int64_t row = padded(p.keys), size = p.queries * row;
    const float* const w = weights + p.weights_at;
    const Kept here = kept.from(p.weights_at);
    const Matrix g = of_gradient.read(gradient + p.query_at, p.queries);
    const float* used = w;
    if (here.keep) {
      drop(w, here, size, dropped.data());
      used = dropped.data();
    }
    of_key_gradient.write({used, 1, row}, g, p.keys, p.queries, !p.is_first, value_gradient + p.key_at);
    transpose(of_keys.read(values + p.key_at, p.keys), p.keys, shape.width, turned.data());
    product(g, {turned.data(), row}, p.queries, row, shape.width, false, scores.data(), row);
    if (here.keep) drop(scores.data(), here, size, scores.data());
    for (int64_t t = 0; t < p.queries; ++t) softmax_gradient(w + t * row, scores.data() + t * row, row, shape.scale);
    const Matrix q = of_queries.read(queries + p.query_at, p.queries);
    of_key_gradient.write({scores.data(), 1, row}, q, p.keys, p.queries, !p.is_first, key_gradient + p.key_at);
    of_gradient.write({scores.data(), row}, of_keys.read(keys + p.key_at, p.keys), p.queries, p.keys, false, query_gradient + p.query_at);
  });
}

}  // namespace

int64_t AttentionShape::weights_size() const {
  int64_t size = 0;
  for (size_t b = 0; b < query_lengths.size(); ++b) size += heads * query_lengths[b] * padded(key_lengths[b]);
  return size;
}

void attend(const AttentionShape& shape, const float* queries, const float* keys, const float* values, Kept kept, float* weights,
            float* out) {
  attend_all(shape, queries, keys, values, kept, weights, out);
}
void attend(const AttentionShape& shape, const Bfloat16* queries, const Bfloat16* keys, const Bfloat16* values, Kept kept, float* weights,
            Bfloat16* out) {
  attend_all(shape, queries, keys, values, kept, weights, out);
}

void attend_gradient(const AttentionShape& shape, const float* gradient, const float* queries, const float* keys, const float* values,
                     const float* weights, Kept kept, float* query_gradient, float* key_gradient, float* value_gradient) {
  gradient_of_all(shape, gradient, queries, keys, values, weights, kept, query_gradient, key_gradient, value_gradient);
}
void attend_gradient(const AttentionShape& shape, const Bfloat16* gradient, const Bfloat16* queries, const Bfloat16* keys,
                     const Bfloat16* values, const float* weights, Kept kept, Bfloat16* query_gradient, Bfloat16* key_gradient,
                     Bfloat16* value_gradient) {
  gradient_of_all(shape, gradient, queries, keys, values, weights, kept, query_gradient, key_gradient, value_gradient);
}

}  // namespace sublayer::kernels
