// Each kernel against the composition of LibTorch's operators that it stands for, in double precision.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <functional>

#include "models/initializer/initializer.h"
#include "models/kernels/activation.h"
#include "models/kernels/attention.h"
#include "models/kernels/linear.h"
#include "models/kernels/lookup.h"
#include "models/kernels/logit_rows.h"
#include "models/kernels/norm.h"
#include "models/kernels/step_attention.h"
#include "models/kernels/vector_math.h"
#include "tests/support/catch.h"

namespace sublayer::kernels {
namespace {

using Tensors = std::vector<at::Tensor>;
using Function = std::function<at::Tensor(const Tensors&)>;

at::Tensor drawn(const std::string& name, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape);
  initializer::fill_normal(values, 0, 1, Noise(3)(name));
  return values;
}

// The result, and the gradients of all inputs for some gradient of the result.
Tensors results_of(const Function& function, const Tensors& inputs, at::ScalarType type) {
  Tensors leaves;
  for (const auto& input : inputs) leaves.push_back(input.to(type).detach().requires_grad_());
  const auto value = function(leaves);
  auto results = torch::autograd::grad({value}, leaves, {drawn("upstream", value.sizes()).to(at::kBFloat16).to(type)});
  for (auto& result : results) result = result.is_sparse() ? result.to_dense() : result;
  results.insert(results.begin(), value.detach());
  return results;
}

void check_equal(const Function& kernel, const Function& plain, const Tensors& inputs) {
  for (const auto& [type, tolerance] : {std::pair{at::kFloat, 1e-5}, {at::kBFloat16, 1.6e-2}}) {
    Tensors rounded;
    for (const auto& input : inputs) rounded.push_back(input.to(type));
    const auto expected = results_of(plain, rounded, at::kDouble), given = results_of(kernel, rounded, type);
    for (size_t i = 0; i < expected.size(); ++i) {
      INFO(type << ", " << (i == 0 ? "result" : "gradient of input " + std::to_string(i - 1)));
      REQUIRE(given[i].sizes() == expected[i].sizes());
      CHECK(given[i].scalar_type() == type);
      const double error = (given[i].to(at::kDouble) - expected[i]).abs().max().item<double>();
      CHECK(error < tolerance * (1 + expected[i].abs().max().item<double>()));
    }
  }
}

const Drop some{0.3, Noise(9)};

}  // namespace

TEST_CASE("elementary functions of kernels are those of the standard library but for rounding") {
  double exponentials = 0, sigmoids = 0, normals = 0;
  for (float x = -86; x < 88; x += 0.0137F) {
    const double d = x;
    exponentials = std::max(exponentials, std::abs(exponential(x) / std::exp(d) - 1));
    sigmoids = std::max(sigmoids, std::abs(sigmoid(x) - 1 / (1 + std::exp(-d))));
    normals = std::max(normals, std::abs(normal_distribution(x) - 0.5 * std::erfc(-d / std::sqrt(2.0))));
  }
  CHECK(exponentials < 4e-7);
  CHECK(sigmoids < 4e-7);
  CHECK(normals < 4e-7);
  CHECK(exponential(0) == 1);
  CHECK(exponential(-INFINITY) == 0);
  CHECK(exponential(-1e30F) == 0);
  CHECK(exponential(INFINITY) == INFINITY);
  CHECK(exponential(1e30F) == INFINITY);
  CHECK(std::isnan(exponential(NAN)));
}

TEST_CASE("the linear kernel is x W^T + b") {
  const auto plain = [](const Tensors& t) { return at::linear(t[0], t[1], t.size() > 2 ? std::optional(t[2]) : std::nullopt); };
  const auto kernel = [](const Tensors& t) { return kernels::linear(t[0], t[1], t.size() > 2 ? std::optional(t[2]) : std::nullopt); };
  for (const int64_t rows : {1, 5, 130}) {
    check_equal(kernel, plain, {drawn("x", {rows, 24}), drawn("w", {40, 24}), drawn("b", {40})});
    check_equal(kernel, plain, {drawn("x", {rows, 24}), drawn("w", {40, 24})});
  }
}

TEST_CASE("rows of a table are looked up, and their gradients summed") {
  const auto ids = at::tensor(std::vector<int64_t>{3, 0, 3, 6, 3, 1, 0});
  check_equal([&](const Tensors& t) { return lookup(t[0], ids); }, [&](const Tensors& t) { return at::embedding(t[0], ids); },
              {drawn("table", {8, 5})});
  const auto table = at::ones({4, 2}).requires_grad_();
  CHECK(lookup(table, ids.narrow(0, 0, 0)).sizes() == at::IntArrayRef({0, 2}));
  // Sums are those of floats, which halves of floats would not reach.
  const auto half = at::ones({2, 3}, at::kBFloat16).requires_grad_();
  const auto sums = torch::autograd::grad({lookup(half, at::zeros({1000}, at::kLong))}, {half}, {at::ones({1000, 3}, at::kBFloat16)});
  CHECK(sums[0].to_dense()[0][0].item<float>() == 1000);
  CHECK_THROWS(lookup(table, at::tensor(std::vector<int64_t>{4})));
}

TEST_CASE("halves of floats are rounded to the nearest even") {
  for (const float x : {0.0F, -0.0F, 1.0F, -3.14159F, 1e-40F, 3.3e38F, 3.4028235e38F, INFINITY, -INFINITY, NAN, 1.00390625F, 1.01171875F}) {
    const float expected = at::tensor(x).to(at::kBFloat16).item<float>();
    Bfloat16 half;
    store(x, &half);
    const float given = half;
    CHECK((given == expected || (std::isnan(given) && std::isnan(expected))));
  }
}

TEST_CASE("attention of single steps looks at the tokens that a hypothesis has seen, wherever they are kept") {
  const at::NoGradGuard no_gradients;
  constexpr int64_t heads = 4;
  const std::vector<int64_t> counts = {5, 0, 1, 16, 17, 40};
  SeenTokens seen;
  for (const int64_t count : counts) {
    for (int32_t i = 0; i < count; ++i) seen.places.push_back({i % 2, (7 * i + 3) % 11});
    seen.ends.push_back(std::ssize(seen.places));
  }
  for (const int64_t key_heads : {1, 2, 4}) {
    for (const int64_t width : {5, 16, 64, 90}) {
      INFO(key_heads << " " << width);
      const auto queries = drawn("queries", {std::ssize(counts), heads, width});
      std::vector<KeyValuePart> parts;
      for (const std::string part : {"first", "second"})
        parts.push_back({drawn(part + " keys", {11, key_heads, width}), drawn(part + " values", {11, key_heads, width})});
      const auto found = step_attention(queries, parts, seen, 0.3);
      for (int64_t r = 0; r < std::ssize(counts); ++r) {
        std::vector<at::Tensor> keys, values;
        for (const auto& [part, row] : seen.of(r)) {
          keys.push_back(parts[part].keys[row]);
          values.push_back(parts[part].values[row]);
        }
        auto expected = at::zeros({heads, width});
        if (!keys.empty()) {
          const auto of_heads = [&](const std::vector<at::Tensor>& rows) {
            return at::stack(rows).repeat_interleave(heads / key_heads, 1).transpose(0, 1);  // [heads, S, width]
          };
          const auto weights = at::matmul(of_heads(keys), queries[r].unsqueeze(2)).mul(0.3).softmax(1);
          expected = (weights * of_heads(values)).sum(1);
        }
        CHECK(found[r].allclose(expected, 1e-4, 1e-5));
      }
    }
  }
  CHECK_THROWS(step_attention(drawn("queries", {2, heads, 16}), {}, seen, 1));
}

TEST_CASE("the logarithm of a sum of exponentials is as LibTorch's, and broken logits show in it") {
  for (const int64_t size : {1, 7, 300}) {
    const auto x = drawn("x", {size}) * 20;
    CHECK(log_sum_exp(x.const_data_ptr<float>(), size) == Approx(x.logsumexp(0).item<float>()).epsilon(1e-6));
  }
  for (const std::vector<float>& broken : {std::vector<float>{1, NAN, 2}, {1, INFINITY}, {-INFINITY, -INFINITY}})
    CHECK(std::isnan(log_sum_exp(broken.data(), std::ssize(broken))));
}

TEST_CASE("norm kernels are layer norm and RMS norm, of a sum with dropout") {
  for (const int64_t width : {1, 7, 64}) {
    for (const bool is_centered : {true, false}) {
      for (const double rate : {0.0, 0.3}) {
        INFO(width << " " << is_centered << " " << rate);
        const Drop drop{rate, Noise(9)};
        const auto norm_of = [&](const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
          const auto centered = is_centered ? x - x.mean(-1, true) : x;
          return centered * (centered.square().mean(-1, true) + 0.01).rsqrt() * w + b;
        };
        check_equal(
            [&](const Tensors& t) {
              return norm_of_sum(t[0], t[1], drop, {t[2], t[3], 0.01, is_centered});
            },
            [&](const Tensors& t) { return norm_of(t[0] + dropout(t[1], drop), t[2], t[3]); },
            {drawn("x", {9, width}), drawn("y", {9, width}), drawn("w", {width}), drawn("b", {width})});
        check_equal(
            [&](const Tensors& t) {
              return norm(t[0], {t[1], {}, 0.01, is_centered});
            },
            [&](const Tensors& t) { return norm_of(t[0], t[1], at::zeros({width}, at::kDouble)); },
            {drawn("x", {9, width}), drawn("w", {width})});
      }
    }
  }
  check_equal(
      [](const Tensors& t) {
        return norm(t[0], {{}, {}, 0.01, true});
      },
      [](const Tensors& t) { return at::layer_norm(t[0], {33}, {}, {}, 0.01); }, {drawn("x", {9, 33})});
}

TEST_CASE("kernels refuse shapes that do not fit and second derivatives") {
  CHECK_THROWS(norm_of_sum(at::ones({2, 3}), at::ones({1, 3}), {}, {{}, {}, 0.01, true}));
  CHECK_THROWS(sum(at::ones({2, 3}), at::ones({3}), {}));
  const auto q = at::ones({4, 2, 16});
  CHECK_THROWS(attention(q, q, q, {4}, {3}, 1, false, {}));
  CHECK_THROWS(attention(q, q, q, {4}, {2, 2}, 1, false, {}));
  const auto none = attention(q, q.narrow(0, 0, 2), q.narrow(0, 0, 2), {1, 3}, {2, 0}, 1, false, {});
  CHECK(none.narrow(0, 1, 3).eq(0).all().item<bool>());  // a sequence that has nothing to look at
  const auto x = at::ones({2, 3}).requires_grad_();
  CHECK_THROWS(torch::autograd::grad({norm(x, {{}, {}, 0.01, true}).sum()}, {x}, {}, true, /*create_graph=*/true));
}

TEST_CASE("the sum kernel adds what dropout leaves") {
  for (const auto& drop : {Drop{}, some}) {
    check_equal([&](const Tensors& t) { return sum(t[0], t[1], drop); }, [&](const Tensors& t) { return t[0] + dropout(t[1], drop); },
                {drawn("x", {9, 33}), drawn("y", {9, 33})});
  }
}

TEST_CASE("activation kernels, with a factor and dropout") {
  const std::vector<std::tuple<std::string, const Elementwise*, std::function<at::Tensor(const at::Tensor&)>>> functions = {
      {"relu", &relu, [](const at::Tensor& x) { return at::relu(x); }},
      {"gelu", &gelu, [](const at::Tensor& x) { return at::gelu(x, "none"); }},
      {"gelu_tanh", &gelu_tanh, [](const at::Tensor& x) { return at::gelu(x, "tanh"); }},
      {"silu", &silu, [](const at::Tensor& x) { return at::silu(x); }}};
  const auto x = drawn("x", {17, 37}) * 4;
  for (const auto& [name, function, plain] : functions) {
    for (const auto& drop : {Drop{}, some}) {
      INFO(name << " " << drop.rate);
      check_equal([&, f = function](const Tensors& t) { return activate(*f, t[0], {}, drop); },
                  [&, f = plain](const Tensors& t) { return dropout(f(t[0]), drop); }, {x});
      check_equal([&, f = function](const Tensors& t) { return activate(*f, t[0], t[1], drop); },
                  [&, f = plain](const Tensors& t) { return dropout(f(t[0]) * t[1], drop); }, {x, drawn("factor", {17, 37})});
    }
  }
  CHECK(activate(relu, at::full({1, 1}, NAN), {}, {}).isnan().all().item<bool>());
  CHECK(activate(relu, at::full({1, 1}, -INFINITY), {}, {}).item<float>() == 0);
  check_equal([](const Tensors& t) { return activate(silu, t[0], {}, some); },
              [](const Tensors& t) { return dropout(at::silu(t[0]), some); }, {drawn("deep", {3, 4, 5})});
  CHECK_THROWS(activate(relu, at::ones({2, 3}), at::ones({1, 3}), {}));
}

TEST_CASE("the attention kernel is softmax(Q K^T) V of each sequence, with shared keys, causal masks and dropout") {
  const std::vector<int64_t> lengths = {5, 1, 18, 16}, memory_lengths = {3, 33, 1, 16};
  const auto plain = [](const Tensors& t, const std::vector<int64_t>& rows, const std::vector<int64_t>& columns, bool is_causal,
                        const Drop& drop) {
    const int64_t heads = t[0].size(1), width = t[0].size(2), longest = *std::max_element(rows.begin(), rows.end()),
                  longest_key = *std::max_element(columns.begin(), columns.end());
    const auto mask = dropout(at::ones({static_cast<int64_t>(rows.size()), heads, longest, longest_key}, at::kDouble), drop);
    Tensors results;
    for (int64_t b = 0, row = 0, column = 0; b < std::ssize(rows); row += rows[b], column += columns[b], ++b) {
      const auto q = t[0].narrow(0, row, rows[b]).transpose(0, 1);  // [H, T, D]
      const auto shared = [&](const at::Tensor& x) {
        return x.narrow(0, column, columns[b]).transpose(0, 1).repeat_interleave(heads / x.size(1), 0);
      };
      auto scores = at::matmul(q, shared(t[1]).transpose(1, 2)) / std::sqrt(static_cast<double>(width));
      if (is_causal) scores = scores.masked_fill(at::ones({rows[b], columns[b]}, at::kBool).triu(1), -INFINITY);
      const auto weights = scores.softmax(-1) * mask[b].narrow(1, 0, rows[b]).narrow(2, 0, columns[b]);
      results.push_back(at::matmul(weights, shared(t[2])).transpose(0, 1));
    }
    return at::cat(results);
  };
  for (const int64_t key_heads : {4, 2}) {
    for (const auto& drop : {Drop{}, some}) {
      for (const auto& [columns, is_causal] : {std::pair{lengths, false}, {lengths, true}, {memory_lengths, false}}) {
        INFO(key_heads << " " << drop.rate << " " << is_causal);
        int64_t keys = 0;
        for (const int64_t length : columns) keys += length;
        check_equal([&](const Tensors& t) { return attention(t[0], t[1], t[2], lengths, columns, 0.25, is_causal, drop); },
                    [&](const Tensors& t) { return plain(t, lengths, columns, is_causal, drop); },
                    {drawn("q", {40, 4, 16}), drawn("k", {keys, key_heads, 16}), drawn("v", {keys, key_heads, 16})});
      }
    }
  }
}

}  // namespace sublayer::kernels
