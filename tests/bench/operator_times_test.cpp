#include "src/bench/operator_times.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <numeric>
#include <thread>

#include "models/kernels/dropout.h"
#include "tests/support/catch.h"

namespace sublayer::bench {
namespace {

double share_of(const TimeShares& shares, Part part) { return shares.parts[static_cast<size_t>(part)]; }

double sum_of(const TimeShares& shares) { return std::accumulate(shares.parts.begin(), shares.parts.end(), 0.0); }

// Work of a micro-batch in a thread of its own, as a worker does it.
template <class Work>
void in_update(Work work) {
  RECORD_FUNCTION("sublayer::update", {});
  {
    RECORD_FUNCTION("sublayer::micro_batches", {});
    std::thread([&] {
      RECORD_FUNCTION("sublayer::micro_batch", {});
      work();
    }).join();
  }
  at::ones({64}).add_(1);
}

TEST_CASE("recorded names are those of the table of parts") {
  CHECK(plain_name("aten::mm") == "aten::mm");
  CHECK(plain_name("AddmmBackward0") == "AddmmBackward");
  CHECK(plain_name("autograd::engine::evaluate_function: AddmmBackward0") == "autograd::engine::evaluate_function");
  CHECK(plain_name("torch::autograd::CppNode<sublayer::kernels::(anonymous namespace)::Dropout>") == "sublayer::Dropout");
  REQUIRE(owner_of("sublayer::Dropout"));
  CHECK(owner_of("sublayer::Dropout")->part == Part::dropout);
  CHECK(owner_of("aten::view") == nullptr);
}

TEST_CASE("what runs within a named scope belongs to it, but products and stages are their own") {
  const auto *product = owner_of("aten::mm"), *bend = owner_of("aten::tanh"), *sums = owner_of("sublayer::gradient_sums");
  CHECK(part_within(Part::other, bend) == Part::activation);
  CHECK(part_within(Part::loss, bend) == Part::loss);
  CHECK(part_within(Part::loss, nullptr) == Part::loss);
  CHECK(part_within(Part::loss, product) == Part::matrix_products);
  CHECK(part_within(Part::optimizer, product) == Part::optimizer);
  CHECK(part_within(Part::waiting, sums) == Part::optimizer);
  CHECK(part_within(Part::other, nullptr) == Part::other);
}

TEST_CASE("shares of an update's time sum to 1 and name what is in no part") {
  const auto x = at::ones({256, 256}).requires_grad_();
  const OperatorTimes times;
  in_update([&] {
    const auto y = kernels::dropout(at::mm(x, x).relu(), {0.5, Noise(1)}) * 2;
    torch::autograd::grad({y.sum()}, {x});
  });
  const auto shares = times.shares(1);
  CHECK(sum_of(shares) == Approx(1));
  for (const Part part : {Part::matrix_products, Part::activation, Part::dropout, Part::optimizer, Part::other}) {
    INFO(name_of(part));
    CHECK(share_of(shares, part) > 0);
  }
  for (const Part part : {Part::attention, Part::norm, Part::loss, Part::embedding}) CHECK(share_of(shares, part) == 0);
  CHECK(shares.other.count("aten::mul") == 1);
  double other = 0;
  for (const auto& [name, share] : shares.other) other += share;
  CHECK(other == Approx(share_of(shares, Part::other)));
}

TEST_CASE("operators outside of updates and after the watching are not counted") {
  {
    const OperatorTimes times;
    at::ones({64}).relu();
    CHECK(sum_of(times.shares(1)) == 0);
  }
  in_update([] { at::ones({64}).relu(); });
  const OperatorTimes times;
  CHECK(sum_of(times.shares(1)) == 0);
}

TEST_CASE("a worker without work waits") {
  const OperatorTimes times;
  in_update([] { at::ones({64, 64}).mm(at::ones({64, 64})); });
  CHECK(share_of(times.shares(2), Part::waiting) > share_of(times.shares(1), Part::waiting));
}

}  // namespace
}  // namespace sublayer::bench
