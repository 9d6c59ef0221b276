// What every variant must do inside a model. Parameters are N(0, 0.3), so that zero biases, unit gains and closed branches hide nothing.
#include <ATen/ATen.h>

#include "models/activation/activation.h"
#include "models/initializer/initializer.h"
#include "models/position/position.h"
#include "tests/models/sentence_pairs.h"
#include "tests/models/variants.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"

namespace sublayer::test {
namespace {

const std::string tied = "embedding: {tie: all}";  // no output projection that the hidden states do not depend on

// Parameters without a gradient, by the end of their name, and why mathematics has it so.
struct Unreachable {
  std::string name_end, reason;
};
const std::vector<Unreachable> unreachable = {
    {".key.bias", "it adds the same to all scores of a query, and softmax looks at their differences alone"},
};

bool may_be_unreachable(const std::string& name) {
  return std::any_of(unreachable.begin(), unreachable.end(), [&](const auto& entry) { return name.ends_with(entry.name_end); });
}

// A scalar that every hidden state has a part in.
at::Tensor weighted_sum(const at::Tensor& hidden) {
  at::Tensor weights = at::empty_like(hidden).detach();
  initializer::fill_normal(weights, 0, 1, Noise(5)("weights"));
  return (hidden * weights).sum();
}

std::vector<at::Tensor> gradients_of(Seq2SeqModel& model, const SentencePairs& pairs) {
  std::vector<at::Tensor> gradients;
  for (const auto& parameter : all_parameters(model)) parameter.tensor.mutable_grad() = at::Tensor();
  weighted_sum(hidden_states(model, pairs)).backward();
  for (const auto& parameter : all_parameters(model)) gradients.push_back(parameter.tensor.grad());
  return gradients;
}

std::shared_ptr<Seq2SeqModel> double_model(const Variant& variant) {
  auto model = small_model(variant, tied);
  model->to(at::kDouble);
  return model;
}

template <class Kind>
void check_defaults_are_readable() {
  for (const auto& name : Registry<Kind>::instance().names()) {
    INFO(Kind::kind << " " << name);
    auto choice = choice_of<Kind>(name);
    const auto text = config::to_yaml(config::bind(choice)->write(false));
    auto again = choice_of<Kind>(text);
    CHECK(config::to_yaml(config::bind(again)->write(false)) == text);
  }
}

}  // namespace

TEST_CASE("every variant gives each target token a finite hidden state, and each parameter a finite gradient") {
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = small_model(variant, tied);
      const auto hidden = hidden_states(*model, pairs);
      CHECK(hidden.sizes() == at::IntArrayRef({count_of(pairs.targets), 16}));
      CHECK(hidden.scalar_type() == at::kFloat);
      CHECK(hidden.isfinite().all().item<bool>());
      const auto gradients = gradients_of(*model, pairs);
      const auto parameters = all_parameters(*model);
      for (size_t i = 0; i < parameters.size(); ++i) {
        INFO(parameters[i].name);
        REQUIRE(gradients[i].defined());
        CHECK(gradients[i].sizes() == parameters[i].tensor.sizes());
        CHECK(gradients[i].isfinite().all().item<bool>());
      }
    }
  }
}

TEST_CASE("every variant lets the gradient reach every parameter, but for those that mathematics cuts off") {
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = double_model(variant);
      const auto gradients = gradients_of(*model, pairs);
      const auto parameters = all_parameters(*model);
      for (size_t i = 0; i < parameters.size(); ++i) {
        INFO(parameters[i].name);
        REQUIRE(gradients[i].defined());
        if (!may_be_unreachable(parameters[i].name)) CHECK(gradients[i].abs().max().item<double>() > 1e-12);
      }
    }
  }
}

TEST_CASE("a key's bias has no gradient under softmax attention") {
  const auto model = double_model({"", "layer: {attention: multi_head}"});
  const auto gradients = gradients_of(*model, {});
  const auto parameters = all_parameters(*model);
  int64_t count = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!may_be_unreachable(parameters[i].name)) continue;
    ++count;
    CHECK(gradients[i].abs().max().item<double>() < 1e-12);
  }
  CHECK(count == 6);  // two in the encoder, four in the decoder
}

TEST_CASE("every variant's gradient is that of finite differences") {
  const SentencePairs pairs;
  for (const auto& variant : all_variants()) {
    DYNAMIC_SECTION(variant.name) {
      const auto model = double_model(variant);
      const auto gradients = gradients_of(*model, pairs);
      const auto parameters = all_parameters(*model);
      const at::NoGradGuard no_gradients;
      for (const uint64_t repeat : {1, 2, 3}) {
        // In this direction every parameter changes the sum about as much, whatever the size of its gradient.
        std::vector<at::Tensor> direction;
        double expected = 0;
        for (size_t i = 0; i < parameters.size(); ++i) {
          direction.push_back(at::empty_like(parameters[i].tensor));
          initializer::fill_normal(direction[i], 0, 1, Noise(repeat)(parameters[i].name));
          direction[i].div_(direction[i].norm() * std::max(gradients[i].norm().item<double>(), 0.01));
          expected += (gradients[i] * direction[i]).sum().item<double>();
        }
        const auto value_after = [&](double step) {
          for (size_t i = 0; i < parameters.size(); ++i) at::Tensor(parameters[i].tensor).add_(direction[i], step);
          const double value = weighted_sum(hidden_states(*model, pairs)).item<double>();
          for (size_t i = 0; i < parameters.size(); ++i) at::Tensor(parameters[i].tensor).sub_(direction[i], step);
          return value;
        };
        constexpr double step = 1e-6;
        CHECK((value_after(step) - value_after(-step)) / (2 * step) == Approx(expected).margin(1e-6).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("every variant's options have defaults that can be written and read again") {
  check_defaults_are_readable<activation::Activation>();
  check_defaults_are_readable<feed_forward::FeedForward>();
  check_defaults_are_readable<norm::Norm>();
  check_defaults_are_readable<residual::Residual>();
  check_defaults_are_readable<attention::Attention>();
  check_defaults_are_readable<position::Position>();
  check_defaults_are_readable<block::Block>();
  check_defaults_are_readable<initializer::Initializer>();
  check_defaults_are_readable<Seq2SeqModel>();
}

TEST_CASE("every activation keeps shape, and each of its values depends on one element alone") {
  for (const auto& name : Registry<activation::Activation>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto activation = choice_of<activation::Activation>(name).build();
      at::Tensor x = at::empty({7, 9}, at::kDouble);
      initializer::fill_normal(x, 0, 3, Noise(1));
      const auto y = activation->forward(x);
      CHECK(y.sizes() == x.sizes());
      CHECK(activation->forward(x.t()).allclose(y.t(), 1e-12, 1e-12));
      CHECK(activation->forward(x.narrow(0, 2, 1)).allclose(y.narrow(0, 2, 1), 1e-12, 1e-12));
    }
  }
}

TEST_CASE("every norm treats each token alone") {
  for (const auto& name : Registry<norm::Norm>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto norm = choice_of<norm::Norm>(name).build(9);
      norm->to(at::kDouble);
      for (const auto& parameter : all_parameters(*norm)) {
        at::Tensor values = parameter.tensor.detach();
        initializer::fill_normal(values, 0, 0.3, Noise(1)(parameter.name));
      }
      at::Tensor x = at::empty({7, 9}, at::kDouble);
      initializer::fill_normal(x, 1, 3, Noise(1));
      const auto y = norm->forward(x);
      CHECK(y.sizes() == x.sizes());
      CHECK(norm->forward(x.narrow(0, 2, 1)).allclose(y.narrow(0, 2, 1), 1e-12, 1e-12));
    }
  }
}

TEST_CASE("every position tells places apart as it is told of them, not by the order of rows") {
  for (const auto& name : Registry<position::Position>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto position = choice_of<position::Position>(name).build(6);
      for (const auto& parameter : all_parameters(*position)) {
        at::Tensor values = parameter.tensor.detach();
        initializer::fill_normal(values, 0, 1, Noise(1)(parameter.name));
      }
      const auto x = at::zeros({4, 6});
      const auto placed = position->embed(x, at::tensor({0, 1, 2, 3}, at::kLong));
      CHECK(placed.sizes() == x.sizes());
      CHECK(position->embed(x, at::tensor({3, 2, 1, 0}, at::kLong)).equal(placed.flip(0)));
    }
  }
}

}  // namespace sublayer::test
