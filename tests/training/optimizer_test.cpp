#include "src/training/optimizer/optimizer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <functional>

#include "models/initializer/initializer.h"
#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"

namespace sublayer::optimizer {
namespace {

at::Tensor drawn(const Noise& noise, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kDouble);
  initializer::fill_normal(values, 0, 1, noise);
  return values;
}

// A matrix, which weight decay acts on, and two vectors, which it leaves alone.
std::vector<ParameterSpec> some_parameters(uint64_t seed = 1) {
  return {{"layer.weight", Role::ffn_input, drawn(Noise(seed)("weight"), {5, 3})},
          {"layer.bias", Role::bias, drawn(Noise(seed)("bias"), {5})},
          {"norm.weight", Role::gain, drawn(Noise(seed)("gain"), {5})}};
}

std::vector<at::Tensor> some_gradients(int64_t update) {
  std::vector<at::Tensor> gradients;
  for (const auto& parameter : some_parameters()) {
    gradients.push_back(drawn(Noise(2)(parameter.name)(static_cast<uint64_t>(update)), parameter.tensor.sizes()));
  }
  return gradients;
}

double rising(int64_t update) { return static_cast<double>(update) / 100; }

// The same parameter by formula: (values, gradient, update, rate, decay) -> new values. What it keeps it keeps itself.
using Formula = std::function<at::Tensor(const at::Tensor&, const at::Tensor&, int64_t, double, double)>;

void check_against(const std::string& yaml, const std::function<Formula()>& make_formula, double rate, double decay) {
  INFO(yaml);
  const auto parameters = some_parameters();
  const auto optimizer = test::choice_of<Optimizer>(yaml).build(parameters);
  CHECK(optimizer->learning_rate() == rate);
  std::vector<at::Tensor> expected;
  std::vector<Formula> formulas;
  for (const auto& parameter : parameters) {
    expected.push_back(parameter.tensor.clone());
    formulas.push_back(make_formula());
  }
  for (int64_t update = 1; update <= 100; ++update) {
    const auto gradients = some_gradients(update);
    optimizer->step(gradients, update, rising(update));
    for (size_t i = 0; i < parameters.size(); ++i) {
      expected[i] = formulas[i](expected[i], gradients[i], update, rate * rising(update), i == 0 ? decay : 0);
      if (!parameters[i].tensor.allclose(expected[i], 1e-9, 1e-10)) FAIL("update " << update << " of " << parameters[i].name);
    }
  }
}

struct AdamSettings {
  double beta1, beta2, epsilon;
  bool is_decoupled;
};

// Kingma & Ba 2015, algorithm 1; decoupled decay as in Loshchilov & Hutter 2019, algorithm 2.
Formula adam_formula(const AdamSettings& s) {
  return [s, mean = at::Tensor(), square = at::Tensor()](const at::Tensor& p, const at::Tensor& given, int64_t update, double rate,
                                                         double decay) mutable {
    if (!mean.defined()) mean = at::zeros_like(p), square = at::zeros_like(p);
    const auto g = s.is_decoupled ? given : given + decay * p;
    mean = s.beta1 * mean + (1 - s.beta1) * g;
    square = s.beta2 * square + (1 - s.beta2) * g * g;
    const auto corrected_mean = mean / (1 - std::pow(s.beta1, update)), corrected_square = square / (1 - std::pow(s.beta2, update));
    const auto shrunk = s.is_decoupled ? p - rate * decay * p : p;
    return shrunk - rate * corrected_mean / (corrected_square.sqrt() + s.epsilon);
  };
}

Formula sgd_formula(double momentum, bool is_nesterov) {
  return [=, velocity = at::Tensor()](const at::Tensor& p, const at::Tensor& given, int64_t, double rate, double decay) mutable {
    if (!velocity.defined()) velocity = at::zeros_like(p);
    const auto g = given + decay * p;
    velocity = momentum * velocity + g;
    return p - rate * (is_nesterov ? g + momentum * velocity : velocity);
  };
}

}  // namespace

TEST_CASE("groups give parameters of some roles a rate and a decay of their own, whatever the optimizer") {
  for (const auto& name : Registry<Optimizer>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto after = [&](const std::string& options) {
        const auto parameters = some_parameters();
        const auto optimizer = test::choice_of<Optimizer>("{type: " + name + ", " + options + "}").build(parameters);
        for (int64_t update = 1; update <= 3; ++update) optimizer->step(some_gradients(update), update, 1);
        return parameters;
      };
      const auto before = some_parameters(), plain = after("weight_decay: 0.1");
      const auto frozen = after("weight_decay: 0.1, groups: [{roles: [bias], learning_rate: 0}]");
      CHECK(frozen[0].tensor.equal(plain[0].tensor));
      CHECK(frozen[1].tensor.equal(before[1].tensor));
      CHECK(frozen[2].tensor.equal(plain[2].tensor));
      const auto own = after("weight_decay: 0.1, groups: [{roles: [bias], learning_rate: 0.5}, {roles: [gain], weight_decay: 0.5}]");
      CHECK(own[0].tensor.equal(plain[0].tensor));
      CHECK(!own[1].tensor.equal(plain[1].tensor));
      CHECK(!own[2].tensor.equal(plain[2].tensor));
      const auto free = after("weight_decay: 0.1, groups: [{roles: [ffn_input], weight_decay: 0}]");
      CHECK(free[0].tensor.equal(after("weight_decay: 0")[0].tensor));
    }
  }
}

TEST_CASE("adafactor's groups keep their factor where the rate is cut by the number of the update") {
  const auto step_of = [](const std::string& groups) {
    const auto parameters = some_parameters();
    const auto before = parameters[0].tensor.clone();
    const auto optimizer = test::choice_of<Optimizer>("{type: adafactor, learning_rate: 1, groups: [" + groups + "]}").build(parameters);
    optimizer->step(some_gradients(1), 100, 1);
    return parameters[0].tensor - before;
  };
  CHECK((step_of("{roles: [ffn_input], learning_rate: 0.5}") * 2).allclose(step_of(""), 1e-9, 1e-10));
}

TEST_CASE("groups that make no sense are refused") {
  CHECK(test::message_of<ConfigError>([] {
          test::choice_of<Optimizer>("{type: adam, groups: [{roles: [attention_gate], learning_rate: 0}]}").build(some_parameters());
        }) == "optimizer.groups: no parameter of the model has the role 'attention_gate'");
  const auto refusal = [](const std::string& groups) { return test::refusal_of<Optimizer>("{type: adam, groups: [" + groups + "]}"); };
  CHECK(refusal("{roles: [embeding]}").find("unknown role 'embeding'. Did you mean 'embedding'?") != std::string::npos);
  CHECK(refusal("{roles: []}").find("roles: must not be empty") != std::string::npos);
  CHECK(refusal("{roles: [bias]}, {roles: [gain, bias]}").find("the role 'bias' stands in two places") != std::string::npos);
  CHECK(refusal("{roles: [bias], learning_rate: -1}").find("learning_rate: must not be negative") != std::string::npos);
}

TEST_CASE("adam follows its formula") {
  for (const double decay : {0.0, 0.3}) {
    const std::string yaml =
        "{type: adam, learning_rate: 0.02, beta1: 0.8, beta2: 0.98, epsilon: 1.0e-6, weight_decay: " + std::to_string(decay) + "}";
    check_against(
        yaml,
        [] {
          return adam_formula({0.8, 0.98, 1e-6, false});
        },
        0.02, decay);
  }
  check_against(
      "{type: adam, learning_rate: 0.02}",
      [] {
        return adam_formula({0.9, 0.999, 1e-8, false});
      },
      0.02, 0);
}

TEST_CASE("adamw shrinks matrices apart from the gradient") {
  const std::string yaml = "{type: adamw, learning_rate: 0.02, beta1: 0.8, beta2: 0.98, epsilon: 1.0e-6, weight_decay: 0.3}";
  check_against(
      yaml,
      [] {
        return adam_formula({0.8, 0.98, 1e-6, true});
      },
      0.02, 0.3);
  check_against(
      "{type: adamw, learning_rate: 0.02}",
      [] {
        return adam_formula({0.9, 0.999, 1e-8, true});
      },
      0.02, 0.01);
}

TEST_CASE("sgd follows its formula, with momentum and with Nesterov's look ahead") {
  check_against(
      "{type: sgd, learning_rate: 0.05}", [] { return sgd_formula(0, false); }, 0.05, 0);
  check_against(
      "{type: sgd, learning_rate: 0.05, weight_decay: 0.3}", [] { return sgd_formula(0, false); }, 0.05, 0.3);
  check_against(
      "{type: sgd, learning_rate: 0.05, momentum: 0.9, weight_decay: 0.3}", [] { return sgd_formula(0.9, false); }, 0.05, 0.3);
  check_against(
      "{type: sgd, learning_rate: 0.05, momentum: 0.9, nesterov: true, weight_decay: 0.3}", [] { return sgd_formula(0.9, true); }, 0.05,
      0.3);
}

TEST_CASE("lion follows its formula") {
  const auto formula = [] {
    return [mean = at::Tensor()](const at::Tensor& p, const at::Tensor& g, int64_t, double rate, double decay) mutable {
      if (!mean.defined()) mean = at::zeros_like(p);
      const auto step = (0.8 * mean + 0.2 * g).sign() + decay * p;
      mean = 0.9 * mean + 0.1 * g;
      return p - rate * step;
    };
  };
  check_against("{type: lion, learning_rate: 0.02, beta1: 0.8, beta2: 0.9, weight_decay: 0.3}", formula, 0.02, 0.3);
}

TEST_CASE("muon makes steps of hidden matrices nearly orthogonal, all of one size") {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{6, 24}, {24, 6}}) {
    const std::vector<ParameterSpec> parameters = {{"layer.weight", Role::ffn_input, drawn(Noise(1)("weight"), shape)}};
    const auto before = parameters[0].tensor.clone();
    const auto optimizer = test::choice_of<Optimizer>("{type: muon, learning_rate: 0.5, weight_decay: 0}").build(parameters);
    optimizer->step({drawn(Noise(2)("gradient"), shape)}, 1, 1);
    const auto step = (before - parameters[0].tensor) / (0.5 * 0.2 * std::sqrt(24.0));
    const auto singular_values = std::get<1>(at::linalg_svd(step, false, {}));
    CHECK(singular_values.min().item<double>() > 0.6);
    CHECK(singular_values.max().item<double>() < 1.3);
  }
}

TEST_CASE("every optimizer's weight decay pulls matrices to zero and leaves gains and biases alone") {
  for (const auto& name : Registry<Optimizer>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto with = some_parameters(), without = some_parameters();
      const auto decaying = test::choice_of<Optimizer>("{type: " + name + ", learning_rate: 0.01, weight_decay: 0.5}").build(with);
      const auto plain = test::choice_of<Optimizer>("{type: " + name + ", learning_rate: 0.01, weight_decay: 0}").build(without);
      for (int64_t update = 1; update <= 10; ++update) {
        decaying->step(some_gradients(update), update, 1);
        plain->step(some_gradients(update), update, 1);
      }
      CHECK(with[0].tensor.norm().item<double>() < without[0].tensor.norm().item<double>());
      CHECK(with[1].tensor.equal(without[1].tensor));
      CHECK(with[2].tensor.equal(without[2].tensor));
    }
  }
}

TEST_CASE("every optimizer steps against the gradient, by nothing at factor 0, and leaves the gradients as they are") {
  for (const auto& name : Registry<Optimizer>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto parameters = some_parameters(), before = some_parameters();
      const auto optimizer = test::choice_of<Optimizer>("{type: " + name + ", learning_rate: 0.001, weight_decay: 0}").build(parameters);
      const auto gradients = some_gradients(1), same_gradients = some_gradients(1);
      optimizer->step(gradients, 1, 0);
      for (size_t i = 0; i < parameters.size(); ++i) CHECK(parameters[i].tensor.equal(before[i].tensor));
      optimizer->step(gradients, 2, 1);
      for (size_t i = 0; i < parameters.size(); ++i) {
        CHECK(((parameters[i].tensor - before[i].tensor) * gradients[i]).sum().item<double>() < 0);
        CHECK(gradients[i].equal(same_gradients[i]));
      }
    }
  }
}

TEST_CASE("state is named after its parameter") {
  const auto optimizer = test::choice_of<Optimizer>("adam").build(some_parameters());
  std::vector<std::string> names;
  for (const auto& entry : optimizer->state()) names.push_back(entry.first);
  CHECK(names == std::vector<std::string>{"layer.weight.first_moment", "layer.bias.first_moment", "norm.weight.first_moment",
                                          "layer.weight.second_moment", "layer.bias.second_moment", "norm.weight.second_moment"});
}

TEST_CASE("options of optimizers that make no sense are refused") {
  CHECK(test::refusal_of<Optimizer>("{type: adam, learning_rate: 0}") == "test.yaml:1: optimizer.learning_rate: must be positive");
  CHECK(test::refusal_of<Optimizer>("{type: adam, weight_decay: -1}") == "test.yaml:1: optimizer.weight_decay: must not be negative");
  CHECK(test::refusal_of<Optimizer>("{type: adam, beta1: 1}") == "test.yaml:1: optimizer.beta1: must be at least 0 and below 1");
  CHECK(test::refusal_of<Optimizer>("{type: adamw, beta2: -0.1}") == "test.yaml:1: optimizer.beta2: must be at least 0 and below 1");
  CHECK(test::refusal_of<Optimizer>("{type: adamw, epsilon: 0}") == "test.yaml:1: optimizer.epsilon: must be positive");
  CHECK(test::refusal_of<Optimizer>("{type: sgd, momentum: 1}") == "test.yaml:1: optimizer.momentum: must be at least 0 and below 1");
  CHECK(test::refusal_of<Optimizer>("{type: sgd, nesterov: true}") == "test.yaml:1: optimizer.nesterov: needs a momentum above 0");
}

}  // namespace sublayer::optimizer
