#include "models/dropout.h"

#include <ATen/ATen.h>

#include <cmath>

#include "tests/support/catch.h"

namespace sublayer {
namespace {

struct Leaf : Module {};

// Two modules with paths of their own.
struct Twins : Module {
  std::shared_ptr<Leaf> first = register_module("first", std::make_shared<Leaf>());
  std::shared_ptr<Leaf> second = register_module("second", std::make_shared<Leaf>());
  Twins() { assign_paths(); }
};

Context training_context(uint64_t seed = 1) {
  Context context;
  context.is_training = true;
  context.noise = Noise(seed);
  return context;
}

}  // namespace

TEST_CASE("dropout sets the asked share to zero and scales the rest so that the mean stays") {
  const auto x = at::ones({400, 250}, at::kDouble);
  for (const double rate : {0.1, 0.5, 0.8}) {
    const auto y = kernels::dropout(x, {rate, Noise(1)});
    const double dropped = (y == 0).to(at::kDouble).mean().item<double>();
    CHECK(std::abs(dropped - rate) < 4 * std::sqrt(rate * (1 - rate) / 1e5));
    CHECK(((y == 0) | (y - 1 / (1 - rate)).abs().lt(1e-12)).all().item<bool>());
    CHECK(y.mean().item<double>() == Approx(1).margin(0.03));
  }
}

TEST_CASE("the same noise drops the same, other noise something else") {
  const auto x = at::ones({20, 30});
  CHECK(kernels::dropout(x, {0.5, Noise(1)}).equal(kernels::dropout(x, {0.5, Noise(1)})));
  CHECK(!kernels::dropout(x, {0.5, Noise(1)}).equal(kernels::dropout(x, {0.5, Noise(2)})));
}

TEST_CASE("the mask follows rows and columns alone: shape, type and strides change nothing") {
  const auto x = at::ones({4, 5, 6});
  const auto y = kernels::dropout(x, {0.5, Noise(1)});
  CHECK(kernels::dropout(x.view({20, 6}), {0.5, Noise(1)}).view_as(y).equal(y));
  CHECK(kernels::dropout(x.to(at::kDouble), {0.5, Noise(1)}).to(at::kFloat).equal(y));
  CHECK(kernels::dropout(at::ones({6, 5, 4}).permute({2, 1, 0}), {0.5, Noise(1)}).equal(y));
  CHECK(kernels::dropout(at::ones({20, 9}), {0.5, Noise(1)}).narrow(1, 0, 6).equal(y.view({20, 6})));
}

TEST_CASE("the gradient is dropped and scaled as the values were") {
  const auto x = at::full({30, 7}, 3.0, at::kDouble).requires_grad_();
  const auto y = kernels::dropout(x, {0.3, Noise(1)});
  const auto upstream = at::arange(210, at::kDouble).view({30, 7});
  y.backward(upstream);
  CHECK(x.grad().allclose(upstream * y.detach() / 3, 1e-12, 1e-12));
  CHECK(kernels::dropout(at::ones({3, 0}), {0.3, Noise(1)}).numel() == 0);
}

TEST_CASE("outside training, and at rate 0, nothing is done") {
  const Twins twins;
  const auto x = at::ones({5, 5});
  Context evaluation = Context::evaluation(), training = training_context();
  CHECK(dropout(x, 0.5, *twins.first, "site", evaluation).is_same(x));
  CHECK(dropout(x, 0.0, *twins.first, "site", training).is_same(x));
  CHECK(!dropout(x, 0.5, *twins.first, "site", training).equal(x));
}

TEST_CASE("a module that is called twice draws twice, and in a new pass the same again") {
  const Twins twins;
  const auto x = at::ones({10, 10});
  Context context = training_context(), again = training_context();
  const auto first = dropout(x, 0.5, *twins.first, "site", context);
  const auto second = dropout(x, 0.5, *twins.first, "site", context);
  CHECK(!first.equal(second));
  CHECK(dropout(x, 0.5, *twins.first, "site", again).equal(first));
  CHECK(dropout(x, 0.5, *twins.first, "site", again).equal(second));
}

TEST_CASE("modules, their sites and passes draw from streams of their own") {
  const Twins twins;
  const auto x = at::ones({10, 10});
  Context first = training_context(), second = training_context(), third = training_context(), other_pass = training_context(2);
  const auto drawn = dropout(x, 0.5, *twins.first, "site", first);
  CHECK(!dropout(x, 0.5, *twins.second, "site", second).equal(drawn));
  CHECK(!dropout(x, 0.5, *twins.first, "place", third).equal(drawn));
  CHECK(!dropout(x, 0.5, *twins.first, "site", other_pass).equal(drawn));
  // What other modules draw before changes nothing.
  CHECK(dropout(x, 0.5, *twins.first, "site", second).equal(drawn));
}

}  // namespace sublayer
