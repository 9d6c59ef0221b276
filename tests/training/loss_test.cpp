#include "src/training/loss/loss.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "models/initializer/initializer.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::loss {
namespace {

// Hidden states, a projection and targets; more rows than the loss works on at a time.
struct LossCase {
  at::Tensor hidden, weight, bias, targets;
  bool has_bias;

  LossCase(int64_t tokens, bool with_bias, c10::ScalarType type) : has_bias(with_bias) {
    const auto draw = [&](const char* name, at::IntArrayRef shape) {
      at::Tensor values = at::empty(shape, type);
      initializer::fill_normal(values, 0, 1, Noise(1)(name));
      return values.requires_grad_();
    };
    hidden = draw("hidden", {tokens, 8});
    weight = draw("weight", {17, 8});
    bias = draw("bias", {17});
    targets = at::empty({tokens}, at::kLong);
    for (int64_t i = 0; i < tokens; ++i) targets[i] = static_cast<int64_t>(Noise(2).below(17, i));
  }
  OutputProjection projection() const { return {weight, has_bias ? std::optional(bias) : std::nullopt}; }
  std::vector<at::Tensor> inputs() const { return has_bias ? std::vector{hidden, weight, bias} : std::vector{hidden, weight}; }
};

at::Tensor reference(const LossCase& c, double smoothing) {
  const auto logits = at::linear(c.hidden, c.weight, c.projection().bias);
  return at::cross_entropy_loss(logits, c.targets, {}, at::Reduction::Sum, -100, smoothing);
}

std::vector<at::Tensor> gradients_of_loss(const at::Tensor& loss, const LossCase& c, double upstream) {
  return torch::autograd::grad({loss}, c.inputs(), {at::full_like(loss, upstream)});
}

std::string cross_entropy(double smoothing) { return "{type: cross_entropy, label_smoothing: " + std::to_string(smoothing) + "}"; }

}  // namespace

TEST_CASE("the kernel of cross-entropy gives what the composition of operators gives") {
  Context fused;
  fused.is_training = fused.fused = true;
  for (const int64_t tokens : {1, 127, 128, 129, 300}) {
    for (const bool with_bias : {false, true}) {
      for (const std::string options : {"", ", label_smoothing: 0.3", ", z_loss: 0.2", ", label_smoothing: 0.1, z_loss: 0.01"}) {
        INFO(tokens << " tokens, " << (with_bias ? "bias" : "no bias") << options);
        const auto loss = test::choice_of<Loss>("{type: cross_entropy" + options + "}").build();
        const LossCase exact(tokens, with_bias, at::kDouble), rounded(tokens, with_bias, at::kFloat);
        const auto expected = loss->forward(exact.hidden, exact.projection(), exact.targets, Context());
        const auto given = loss->forward(rounded.hidden, rounded.projection(), rounded.targets, fused);
        CHECK(given.item<double>() == Approx(expected.item<double>()).epsilon(1e-5));
        const auto wanted = gradients_of_loss(expected, exact, -2.5), computed = gradients_of_loss(given, rounded, -2.5);
        for (size_t i = 0; i < wanted.size(); ++i) CHECK(computed[i].to(at::kDouble).allclose(wanted[i], 1e-4, 1e-4));
      }
    }
  }
}

TEST_CASE("in bfloat16 the loss is a float, and its gradients are rounded once, however many tokens there are") {
  for (const bool is_fused : {false, true}) {
    INFO((is_fused ? "kernel" : "composition"));
    Context context;
    context.is_training = true;
    context.fused = is_fused;
    LossCase exact(3000, true, at::kDouble);
    for (auto* tensor : {&exact.hidden, &exact.weight, &exact.bias})
      *tensor = (*tensor * 0.3).to(at::kBFloat16).to(at::kDouble).detach().requires_grad_();
    LossCase rounded = exact;
    for (auto* tensor : {&rounded.hidden, &rounded.weight, &rounded.bias}) *tensor = tensor->detach().to(at::kBFloat16).requires_grad_();
    const auto loss = test::choice_of<Loss>(cross_entropy(0.1)).build();
    const auto expected = loss->forward(exact.hidden, exact.projection(), exact.targets, Context());
    const auto given = loss->forward(rounded.hidden, rounded.projection(), rounded.targets, context);
    CHECK(given.scalar_type() == at::kFloat);
    CHECK(given.item<double>() == Approx(expected.item<double>()).epsilon(1e-3));
    const auto of_exact = gradients_of_loss(expected, exact, 1), of_rounded = gradients_of_loss(given, rounded, 1);
    for (size_t i = 0; i < of_exact.size(); ++i) {
      INFO("input " << i);
      CHECK(of_rounded[i].scalar_type() == at::kBFloat16);
      CHECK((of_rounded[i].to(at::kDouble) - of_exact[i]).norm().item<double>() < 4e-3 * of_exact[i].norm().item<double>());
    }
  }
}

TEST_CASE("a target that is no id is refused") {
  const LossCase c(3, false, at::kFloat);
  const auto loss = test::choice_of<Loss>("cross_entropy").build();
  for (const int64_t id : {-1, 17}) CHECK_THROWS(loss->forward(c.hidden, c.projection(), at::full({3}, id), Context()));
}

TEST_CASE("cross-entropy has the value and gradients of LibTorch's, whatever the number of rows") {
  for (const int64_t tokens : {1, 127, 128, 129, 300}) {
    for (const bool with_bias : {false, true}) {
      for (const double smoothing : {0.0, 0.1, 0.5}) {
        INFO(tokens << " tokens, " << (with_bias ? "bias, " : "") << "label smoothing " << smoothing);
        const LossCase c(tokens, with_bias, at::kDouble);
        for (const double upstream : {1.0, -2.5}) {
          const auto loss =
              test::choice_of<Loss>(cross_entropy(smoothing)).build()->forward(c.hidden, c.projection(), c.targets, Context());
          const auto expected = reference(c, smoothing);
          CHECK(loss.dim() == 0);
          CHECK(loss.item<double>() == Approx(expected.item<double>()).epsilon(1e-12));
          const auto given = gradients_of_loss(loss, c, upstream), wanted = gradients_of_loss(expected, c, upstream);
          for (size_t i = 0; i < wanted.size(); ++i) CHECK(given[i].allclose(wanted[i], 1e-10, 1e-11));
        }
      }
    }
  }
}

TEST_CASE("the z-loss adds the square of the softmax's normaliser, in value and gradients") {
  for (const double smoothing : {0.0, 0.2}) {
    const LossCase c(140, true, at::kDouble);
    const std::string yaml = "{type: cross_entropy, z_loss: 0.03, label_smoothing: " + std::to_string(smoothing) + "}";
    const auto loss = test::choice_of<Loss>(yaml).build()->forward(c.hidden, c.projection(), c.targets, Context());
    const auto log_z = at::linear(c.hidden, c.weight, c.bias).logsumexp(1);
    const auto expected = reference(c, smoothing) + 0.03 * log_z.square().sum();
    CHECK(loss.item<double>() == Approx(expected.item<double>()).epsilon(1e-12));
    const auto given = gradients_of_loss(loss, c, -2.5), wanted = gradients_of_loss(expected, c, -2.5);
    for (size_t i = 0; i < wanted.size(); ++i) CHECK(given[i].allclose(wanted[i], 1e-10, 1e-11));
  }
  CHECK(test::refusal_of<Loss>("{type: cross_entropy, z_loss: -1}") == "test.yaml:1: loss.z_loss: must not be negative");
}

TEST_CASE("a soft cap of the logits enters value and gradients of the loss") {
  for (const std::string options : {"", ", label_smoothing: 0.2", ", z_loss: 0.03"}) {
    INFO(options);
    const LossCase c(140, true, at::kDouble);
    const OutputProjection capped{c.weight, c.bias, 1.5};
    const auto logits = (at::linear(c.hidden, c.weight, c.bias) / 1.5).tanh() * 1.5;
    CHECK(capped.logits(c.hidden).allclose(logits, 1e-12, 1e-12));
    const double smoothing = options.find("smoothing") != std::string::npos ? 0.2 : 0,
                 z_loss = options.find("z_") != std::string::npos ? 0.03 : 0;
    const auto expected =
        at::cross_entropy_loss(logits, c.targets, {}, at::Reduction::Sum, -100, smoothing) + z_loss * logits.logsumexp(1).square().sum();
    const auto loss =
        test::choice_of<Loss>("{type: cross_entropy" + options + "}").build()->forward(c.hidden, capped, c.targets, Context());
    CHECK(loss.item<double>() == Approx(expected.item<double>()).epsilon(1e-12));
    const auto given = gradients_of_loss(loss, c, -2.5), wanted = gradients_of_loss(expected, c, -2.5);
    for (size_t i = 0; i < wanted.size(); ++i) CHECK(given[i].allclose(wanted[i], 1e-10, 1e-11));
  }
}

TEST_CASE("cross-entropy in single precision is close to that in double") {
  const LossCase c(300, true, at::kFloat);
  const auto loss = test::choice_of<Loss>(cross_entropy(0.1)).build()->forward(c.hidden, c.projection(), c.targets, Context());
  CHECK(loss.scalar_type() == at::kFloat);
  const LossCase precise(300, true, at::kDouble);
  CHECK(loss.item<double>() == Approx(reference(precise, 0.1).item<double>()).epsilon(1e-5));
  const auto given = gradients_of_loss(loss, c, 1), wanted = gradients_of_loss(reference(precise, 0.1), precise, 1);
  for (size_t i = 0; i < wanted.size(); ++i) CHECK(given[i].to(at::kDouble).allclose(wanted[i], 1e-4, 1e-4));
}

TEST_CASE("every loss is a sum over tokens: of its parts, in value and gradients") {
  for (const auto& name : Registry<Loss>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const LossCase c(300, true, at::kDouble);
      const auto loss = test::choice_of<Loss>(name).build();
      const auto part = [&](int64_t start, int64_t count) {
        return loss->forward(c.hidden.narrow(0, start, count), c.projection(), c.targets.narrow(0, start, count), Context());
      };
      const auto whole = part(0, 300), parts = part(0, 1) + part(1, 150) + part(151, 149);
      CHECK(whole.item<double>() == Approx(parts.item<double>()).epsilon(1e-12));
      const auto given = gradients_of_loss(whole, c, 1), wanted = gradients_of_loss(parts, c, 1);
      for (size_t i = 0; i < wanted.size(); ++i) CHECK(given[i].allclose(wanted[i], 1e-10, 1e-11));
    }
  }
}

TEST_CASE("every loss's gradient is that of finite differences") {
  for (const auto& name : Registry<Loss>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const LossCase c(140, true, at::kDouble);
      const auto loss = test::choice_of<Loss>(name).build();
      const auto gradients = gradients_of_loss(loss->forward(c.hidden, c.projection(), c.targets, Context()), c, 1);
      const at::NoGradGuard no_gradients;
      for (size_t i = 0; i < gradients.size(); ++i) {
        at::Tensor direction = at::empty_like(gradients[i]);
        initializer::fill_normal(direction, 0, 1, Noise(3)(i));
        const auto value_after = [&](double step) {
          c.inputs()[i].add_(direction, step);
          const double value = loss->forward(c.hidden, c.projection(), c.targets, Context()).item<double>();
          c.inputs()[i].sub_(direction, step);
          return value;
        };
        CHECK((value_after(1e-6) - value_after(-1e-6)) / 2e-6 == Approx((gradients[i] * direction).sum().item<double>()).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("label smoothing takes its share from the target and spreads it evenly") {
  // Logits of 0 and d for the target: -log p is log(16 + e^d) - d for it, log(16 + e^d) for any other word.
  const double d = 3, normalizer = std::log(16 + std::exp(d));
  const auto hidden = at::full({1, 1}, 1.0, at::kDouble), weight = at::zeros({17, 1}, at::kDouble);
  weight[4] = d;
  for (const double smoothing : {0.0, 0.2}) {
    const auto loss =
        test::choice_of<Loss>(cross_entropy(smoothing)).build()->forward(hidden, {weight, {}}, at::tensor({4}, at::kLong), Context());
    CHECK(loss.item<double>() == Approx(normalizer - d * (1 - smoothing + smoothing / 17)));
  }
}

TEST_CASE("a label smoothing that is no share is refused") {
  CHECK(test::refusal_of<Loss>("{type: cross_entropy, label_smoothing: 1}") ==
        "test.yaml:1: loss.label_smoothing: must be at least 0 and below 1");
  CHECK(test::refusal_of<Loss>("{type: cross_entropy, label_smoothing: -0.1}") ==
        "test.yaml:1: loss.label_smoothing: must be at least 0 and below 1");
}

}  // namespace sublayer::loss
