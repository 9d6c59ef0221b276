// Products with packed matrices in all precisions, by the fastest loops that the processor has and by those for any.
#include "models/kernels/packed_matrix.h"

#include <ATen/ATen.h>

#include "models/initializer/initializer.h"
#include "models/kernels/packed_rows.h"
#include "tests/support/catch.h"

namespace sublayer::kernels {
namespace {

at::Tensor normal(const std::string& name, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape);
  initializer::fill_normal(values, 0, 1, Noise(3)(name));
  return values;
}

// Whole numbers from -127 to 127, and the factor [rows, 1] that makes them x again.
std::pair<at::Tensor, at::Tensor> whole_numbers(const at::Tensor& x) {
  const auto factor = x.abs().amax(1, /*keepdim=*/true) / 127;
  return {(x * at::where(factor > 0, 1 / factor, 0)).round(), factor};
}

// x W^T as each precision has it, step by step.
at::Tensor expected_product(const at::Tensor& x, const at::Tensor& weight, Precision precision) {
  if (precision == Precision::fp32) return at::linear(x, weight);
  if (precision == Precision::bf16)
    return at::linear(x.to(at::kBFloat16).to(at::kDouble), weight.to(at::kBFloat16).to(at::kDouble)).to(at::kFloat);
  const auto [rows, row_factors] = whole_numbers(x);
  const auto [outputs, output_factors] = whole_numbers(weight);
  return at::linear(rows, outputs) * row_factors * output_factors.t();
}

constexpr Precision precisions[] = {Precision::fp32, Precision::bf16, Precision::int8};

}  // namespace

TEST_CASE("a packed matrix gives x W^T + b, and each row the same bits in any company") {
  const at::NoGradGuard no_gradients;
  for (const auto precision : precisions) {
    for (const int64_t outputs : {1, 16, 17, 64, 100}) {
      for (const int64_t inputs : {1, 2, 33, 64}) {
        const auto weight = normal("w", {outputs, inputs}), bias = normal("b", {outputs});
        const PackedMatrix packed(weight, precision);
        for (const int64_t rows : {0, 1, 2, 3, 4, 5, 6, 7, 40}) {
          INFO(static_cast<int>(precision) << " " << outputs << " " << inputs << " " << rows);
          const auto x = normal("x", {rows, inputs});
          const auto with = packed.product(x, bias), without = packed.product(x, {});
          const auto expected = rows > 0 ? expected_product(x, weight, precision) : at::empty({0, outputs});
          CHECK(without.allclose(expected, 1e-5, 1e-5));
          CHECK(with.allclose(expected + bias, 1e-5, 1e-5));
          for (int64_t row = 0; row < rows; ++row) CHECK(packed.product(x.narrow(0, row, 1), bias).equal(with.narrow(0, row, 1)));
        }
      }
    }
  }
}

TEST_CASE("packed matrices refuse other sizes and gradients") {
  for (const auto precision : precisions) {
    const PackedMatrix packed(normal("w", {4, 3}), precision);
    {
      const at::NoGradGuard no_gradients;
      CHECK(packed.product(normal("x", {2, 5, 3}), {}).sizes() == at::IntArrayRef{2, 5, 4});
      CHECK_THROWS(packed.product(normal("x", {2, 4}), {}));
    }
    const at::AutoGradMode with_gradients(true);
    CHECK_THROWS(packed.product(normal("x", {2, 3}), {}));
  }
}

TEST_CASE("products of what is zero are zero, and of what is not finite not finite") {
  const at::NoGradGuard no_gradients;
  for (const auto precision : precisions) {
    const auto weight = normal("w", {20, 10});
    const PackedMatrix packed(weight, precision), nothing(at::zeros({20, 10}), precision);
    CHECK(packed.product(at::zeros({3, 10}), {}).equal(at::zeros({3, 20})));
    CHECK(nothing.product(normal("x", {3, 10}), {}).equal(at::zeros({3, 20})));
    for (const double value : {NAN, INFINITY, -INFINITY}) {
      auto x = normal("x", {3, 10}), broken = weight.clone();
      x[1][9] = value;
      broken[7][2] = value;
      const auto finite = packed.product(x, {}).isfinite(),
                 of_weights = PackedMatrix(broken, precision).product(normal("x", {3, 10}), {}).isfinite();
      CHECK_FALSE(finite[1].any().item<bool>());
      CHECK((finite[0].all() & finite[2].all()).item<bool>());
      CHECK(of_weights.sum(0).equal(at::full({20}, 3).index_fill(0, at::tensor(int64_t{7}), 0)));
    }
  }
}

TEST_CASE("loops for any processor multiply packed matrices like those with its own instructions") {
  constexpr int64_t rows = 13, outputs = 100, inputs = 50;
  const auto x = normal("x", {rows, inputs}), weight = normal("w", {outputs, inputs}), bias = normal("b", {outputs});
  const auto fast = at::empty({rows, outputs}), plain = at::empty({rows, outputs});
  const auto both = [&](auto product, const auto& multiply, const auto& multiply_plainly) {
    product.rows = rows;
    product.outputs = outputs;
    product.bias = bias.const_data_ptr<float>();
    product.out = fast.mutable_data_ptr<float>();
    multiply(product);
    product.out = plain.mutable_data_ptr<float>();
    multiply_plainly(product);
  };
  const auto* const x_values = x.const_data_ptr<float>();
  const auto* const weights = weight.const_data_ptr<float>();
  {
    std::vector<float> matrix(panels_of(outputs) * panel_width * inputs);
    pack(weights, outputs, inputs, matrix.data());
    PackedProduct<float> product;
    product.x = x_values;
    product.words = inputs;
    product.matrix = matrix.data();
    both(product, multiply_floats, plain::multiply_floats);
    CHECK(fast.allclose(plain, 1e-6, 1e-5));
  }
  PackedProduct<uint32_t> product;
  std::vector<uint32_t> words(rows * inputs), rounded(outputs * inputs), matrix(panels_of(outputs) * panel_width * inputs);
  product.x = words.data();
  product.matrix = matrix.data();
  {
    product.words = words_of(inputs, 2);
    round_to_bfloat16(x_values, rows, inputs, words.data());
    round_to_bfloat16(weights, outputs, inputs, rounded.data());
    pack(rounded.data(), outputs, product.words, matrix.data());
    both(product, multiply_bfloat16, plain::multiply_bfloat16);
    CHECK(fast.allclose(plain, 1e-6, 1e-5));
  }
  {
    product.words = words_of(inputs, 4);
    std::vector<float> row_scales(rows), output_scales(outputs);
    std::vector<int32_t> row_sums(rows), output_sums(outputs);
    round_to_int8(x_values, rows, inputs, words.data(), row_scales.data(), row_sums.data());
    round_to_int8(weights, outputs, inputs, rounded.data(), output_scales.data(), output_sums.data());
    pack(rounded.data(), outputs, product.words, matrix.data(), int8_flipped);
    product.row_scales = row_scales.data();
    product.row_sums = row_sums.data();
    product.output_scales = output_scales.data();
    both(product, multiply_int8, plain::multiply_int8);
    CHECK(fast.allclose(plain, 1e-6, 1e-6));  // sums of whole numbers are exact
  }
}

}  // namespace sublayer::kernels
