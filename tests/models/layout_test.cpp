#include "models/layout.h"

#include <ATen/ATen.h>

#include "models/initializer/initializer.h"
#include "tests/support/catch.h"

namespace sublayer {
namespace {

at::Tensor numbered(at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kDouble);
  initializer::fill_normal(values, 0, 1, Noise(1)("numbered"));
  return values;
}

int64_t total(const std::vector<int64_t>& lengths) {
  int64_t sum = 0;
  for (const int64_t length : lengths) sum += length;
  return sum;
}

at::Tensor padding_behind(const std::vector<int64_t>& lengths) {
  return at::arange(*std::max_element(lengths.begin(), lengths.end())).unsqueeze(0) >= at::tensor(lengths, at::kLong).unsqueeze(1);
}

const std::vector<std::vector<int64_t>> some_lengths = {{1}, {5}, {3, 3}, {2, 5, 1}, {5, 1}, {1, 1, 1, 4}, {0, 3, 2}};

}  // namespace

TEST_CASE("packing undoes padding") {
  for (const auto& lengths : some_lengths) {
    const auto x = numbered({total(lengths), 3});
    for (const auto& layout : {Layout::of_lengths(lengths), Layout::of_mask(padding_behind(lengths))}) {
      const auto padded = layout.pad(x);
      CHECK(padded.sizes() == at::IntArrayRef({std::ssize(lengths), padding_behind(lengths).size(1), 3}));
      CHECK(layout.pack(padded).equal(x));
    }
  }
}

TEST_CASE("tokens stand in their sentence's row, and padding is zero") {
  const std::vector<int64_t> lengths = {2, 4, 1};
  const auto x = numbered({7, 2});
  for (const auto& layout : {Layout::of_lengths(lengths), Layout::of_mask(padding_behind(lengths))}) {
    const auto padded = layout.pad(x);
    for (int64_t row = 0, token = 0; row < 3; ++row) {
      for (int64_t t = 0; t < 4; ++t) CHECK(padded[row][t].equal(t < lengths[row] ? x[token++] : at::zeros({2}, at::kDouble)));
    }
    CHECK(layout.positions().equal(at::tensor({0, 1, 0, 1, 2, 3, 0}, at::kLong)));
    CHECK(layout.padding_mask().equal(padding_behind(lengths)));
  }
}

TEST_CASE("a batch without padding has no mask") {
  CHECK(!Layout::of_lengths({4}).padding_mask().defined());
  CHECK(!Layout::of_lengths({3, 3}).padding_mask().defined());
  CHECK(Layout::of_lengths({3, 2}).padding_mask().defined());
}

TEST_CASE("a mask may have its padding anywhere; positions count the tokens") {
  const auto mask = at::tensor({1, 1, 0, 0, 0, 1, 0, 0}, at::kLong).view({2, 4}).to(at::kBool);
  const auto layout = Layout::of_mask(mask);
  CHECK(layout.positions().equal(at::tensor({0, 1, 0, 1, 2}, at::kLong)));
  const auto x = numbered({5, 3});
  const auto padded = layout.pad(x);
  CHECK(padded[0][2].equal(x[0]));
  CHECK(padded[1][0].equal(x[2]));
  CHECK(padded[1][2].equal(x[3]));
  CHECK(padded[0][0].abs().max().item<double>() == 0);
  CHECK(layout.pack(padded).equal(x));
}

TEST_CASE("the gradient of padding is packing, and the other way round") {
  for (const auto& lengths : some_lengths) {
    for (const auto& layout : {Layout::of_lengths(lengths), Layout::of_mask(padding_behind(lengths))}) {
      const auto x = numbered({total(lengths), 3}).requires_grad_();
      const auto padded = layout.pad(x);
      const auto upstream = numbered(padded.sizes());
      padded.backward(upstream);
      CHECK(x.grad().equal(layout.pack(upstream)));

      const auto y = numbered(padded.sizes()).requires_grad_();
      const auto packed = layout.pack(y);
      const auto packed_upstream = numbered(packed.sizes());
      packed.backward(packed_upstream);
      CHECK(y.grad().equal(layout.pad(packed_upstream)));
    }
  }
}

TEST_CASE("tensors of other types and strides are padded alike") {
  const auto layout = Layout::of_lengths({1, 3});
  const auto x = numbered({4, 6});
  CHECK(layout.pad(x.to(at::kFloat)).equal(layout.pad(x).to(at::kFloat)));
  const auto turned = numbered({6, 4}).t();
  CHECK(layout.pad(turned).equal(layout.pad(turned.contiguous())));
  const auto padded = numbered({2, 6, 3}).transpose(1, 2);
  CHECK(layout.pack(padded).equal(layout.pack(padded.contiguous())));
}

TEST_CASE("a step has one token for each row, at the places that it is told") {
  const auto layout = Layout::of_step(at::tensor({4, 0, 7}, at::kLong));
  const auto x = numbered({3, 2});
  CHECK(layout.pad(x).equal(x.unsqueeze(1)));
  CHECK(layout.pack(layout.pad(x)).equal(x));
  CHECK(layout.positions().equal(at::tensor({4, 0, 7}, at::kLong)));
  CHECK(!layout.padding_mask().defined());
}

TEST_CASE("without tokens every layout keeps its rows") {
  for (const auto& layout : {Layout::of_lengths({2, 4, 1}), Layout::of_lengths({2, 2, 2}), Layout::of_mask(padding_behind({2, 4, 1})),
                             Layout::of_step(at::tensor({4, 0, 7}, at::kLong))}) {
    const auto empty = layout.without_tokens();
    CHECK(empty.pad(at::zeros({0, 5})).sizes() == at::IntArrayRef({3, 0, 5}));
    CHECK(empty.positions().size(0) == 0);
  }
}

}  // namespace sublayer
