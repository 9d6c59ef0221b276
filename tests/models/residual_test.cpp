#include "models/residual/residual.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>

#include "models/initializer/initializer.h"
#include "src/conformance/small_model.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"

namespace sublayer::residual {
namespace {

constexpr int64_t width = 6;

at::Tensor drawn(const char* name, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kDouble);
  initializer::fill_normal(values, 0, 1, Noise(3)(name));
  return values;
}

// A stack of two sublayers, with norms that have gains and biases of their own.
struct SmallStack {
  Choice<norm::Norm> norm = "layer_norm";
  std::shared_ptr<Residual> residual;
  std::vector<std::shared_ptr<Connection>> connections;
  std::vector<at::Tensor> matrices = {drawn("one", {width, width}), drawn("two", {width, width})};

  explicit SmallStack(const std::string& yaml, bool is_decoder = false, const BranchOptions& branch = {}) {
    residual = test::choice_of<Residual>(yaml).build(StackPlace{width, is_decoder, 3, 5, norm});
    for (int i = 0; i < 2; ++i) connections.push_back(residual->connect({width, norm, 0, branch}));
    for (const auto& module : modules()) {
      module->to(at::kDouble);
      for (const auto& parameter : all_parameters(*module)) {
        at::Tensor values = parameter.tensor.detach();
        initializer::fill_normal(values, 1, 0.3, Noise(4)(parameter.name)(module.get() == residual.get()));
      }
    }
  }
  std::vector<std::shared_ptr<Module>> modules() const { return {residual, connections[0], connections[1]}; }

  at::Tensor body(size_t i, const at::Tensor& x) const { return at::matmul(x, matrices[i]).tanh(); }

  at::Tensor forward(const at::Tensor& x, Context context = Context::evaluation()) const {
    auto stream = residual->enter(x);
    for (size_t i = 0; i < 2; ++i)
      stream = connections[i]->forward(
          stream, [&](const at::Tensor& y, Context&) { return body(i, y); }, context);
    return residual->leave(stream);
  }

  // A norm of the residual (0) or of a connection (1, 2), by formula.
  at::Tensor normed(size_t module, const at::Tensor& x, const std::string& name = "norm") const {
    std::map<std::string, at::Tensor> values;
    for (const auto& parameter : all_parameters(*modules()[module])) values[parameter.name] = parameter.tensor.detach();
    const auto centered = x - x.mean(-1, true);
    return centered / (centered.square().mean(-1, true) + 1e-5).sqrt() * values.at(name + ".weight") + values.at(name + ".bias");
  }
};

const at::Tensor& input() {
  static const at::Tensor x = drawn("input", {4, width});
  return x;
}

}  // namespace

TEST_CASE("post, pre and sandwich put norm and skip where their names say") {
  const auto& x = input();
  const SmallStack post("post"), pre("pre"), sandwich("sandwich");
  auto y = post.normed(1, x + post.body(0, x));
  CHECK(post.forward(x).allclose(post.normed(2, y + post.body(1, y)), 1e-10, 1e-10));
  y = x + pre.body(0, pre.normed(1, x));
  y = y + pre.body(1, pre.normed(2, y));
  CHECK(pre.forward(x).allclose(pre.normed(0, y), 1e-10, 1e-10));
  y = x + sandwich.normed(1, sandwich.body(0, sandwich.normed(1, x)), "output_norm");
  y = y + sandwich.normed(2, sandwich.body(1, sandwich.normed(2, y)), "output_norm");
  CHECK(sandwich.forward(x).allclose(sandwich.normed(0, y), 1e-10, 1e-10));
}

TEST_CASE("dual adds the same branches to a stream that is normed and to one that is not") {
  const auto& x = input();
  const SmallStack dual("dual");
  const auto one = dual.body(0, x), y = dual.normed(1, x + one), two = dual.body(1, y);
  CHECK(dual.forward(x).allclose(dual.normed(2, y + two) + dual.normed(0, x + one + two), 1e-10, 1e-10));
}

TEST_CASE("deepnorm takes its factors from both depths, or as stated") {
  const auto& x = input();
  const auto check = [&](const SmallStack& stack, double alpha) {
    auto y = stack.normed(1, alpha * x + stack.body(0, x));
    CHECK(stack.forward(x).allclose(stack.normed(2, alpha * y + stack.body(1, y)), 1e-10, 1e-10));
  };
  // 3 layers in the encoder, 5 in the decoder
  check(SmallStack("deepnorm"), 0.81 * std::pow(81.0 * 5, 1.0 / 16));
  check(SmallStack("deepnorm", true), std::pow(15.0, 0.25));
  check(SmallStack("{type: deepnorm, alpha: 3}"), 3);
}

TEST_CASE("deepnorm begins values, outputs and the feed-forward network smaller, queries and keys as they are") {
  const auto values = [](const std::string& yaml) {
    std::map<std::string, at::Tensor> list;
    const auto model = test::small_model("{initializer: xavier_normal, " + yaml + "}");
    model->initialize(Noise(1)("init"));
    for (const auto& parameter : all_parameters(*model)) list[parameter.name] = parameter.tensor.detach();
    return list;
  };
  const auto post = values("layer: {residual: post}"), deep = values("layer: {residual: deepnorm}");
  const double encoder = 0.87 * std::pow(std::pow(2.0, 4) * 2, -1.0 / 16), decoder = std::pow(24.0, -0.25);  // 2 and 2 layers
  for (const auto& [name, tensor] : deep) {
    INFO(name);
    const bool is_smaller = name.find("value.weight") != std::string::npos || name.find("output.weight") != std::string::npos ||
                            name.find("input.weight") != std::string::npos;
    const double factor = !is_smaller ? 1 : name.starts_with("encoder") ? encoder : decoder;
    CHECK(tensor.allclose(post.at(name) * factor, 1e-5, 1e-8));
  }
}

TEST_CASE("a branch begins with the gain that is stated, one for all features or one for each") {
  for (const auto& name : Registry<Residual>::instance().names()) {
    for (const auto& [kind, size] : {std::pair{"scalar", int64_t{1}}, {"vector", width}}) {
      DYNAMIC_SECTION(name << " " << kind) {
        BranchOptions branch;
        branch.gain = kind;
        branch.initial_gain = 0.25;
        const SmallStack stack(name, false, branch), plain(name);
        for (const auto& parameter : all_parameters(*stack.connections[0])) {
          if (parameter.name != "gain") continue;
          CHECK(parameter.tensor.sizes() == at::IntArrayRef({size}));
          CHECK(parameter.initial == 0.25);
        }
        // At gain 0 a sublayer adds nothing, at gain 1 all.
        for (const double gain : {0.0, 1.0}) {
          for (const auto& connection : stack.connections) {
            for (const auto& parameter : all_parameters(*connection))
              if (parameter.name == "gain") parameter.tensor.detach().fill_(gain);
          }
          auto expected = plain;
          if (gain == 0) expected.matrices = {at::zeros({width, width}, at::kDouble), at::zeros({width, width}, at::kDouble)};
          // A sandwich's inner norm makes its bias of zeros.
          if (gain == 1 || name != "sandwich") CHECK(stack.forward(input()).allclose(expected.forward(input()), 1e-10, 1e-10));
        }
      }
    }
  }
}

TEST_CASE("stochastic depth skips a sublayer for a whole micro-batch, as often as asked, and scales it otherwise") {
  BranchOptions branch;
  branch.stochastic_depth = 0.3;
  const SmallStack stack("pre", false, branch), plain("pre");
  CHECK(stack.forward(input()).equal(plain.forward(input())));
  stack.connections[0]->assign_paths();
  int skipped = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Context context;
    context.is_training = true;
    context.noise = Noise(seed);
    int calls = 0;
    const auto result = stack.connections[0]->forward(
        {input(), {}},
        [&](const at::Tensor& x, Context&) {
          ++calls;
          return at::ones_like(x);
        },
        context);
    CHECK((calls == 1 || result.main.equal(input())));
    if (calls == 1) CHECK(result.main.allclose(input() + 1 / 0.7, 1e-10, 1e-10));
    skipped += calls == 0;
  }
  CHECK(skipped / 2000.0 == Approx(0.3).margin(0.05));
}

TEST_CASE("who asks for the sites of dropout learns those inside a sublayer that stochastic depth may skip") {
  const auto model = test::small_model("layer: {dropout: 0.2, branch: {stochastic_depth: 0.9}}");
  std::map<std::string, double> sites;
  Context context;
  context.is_training = true;
  context.dropout_sites = &sites;
  const conformance::SentencePairs pairs;
  conformance::hidden_states(*model, pairs, context);
  CHECK(sites.at("encoder.layers.1.feed_forward.stochastic_depth") == 0.9);
  for (const std::string layer : {"encoder.layers.0", "encoder.layers.1", "decoder.layers.0", "decoder.layers.1"})
    CHECK(sites.at(layer + ".feed_forward.output") == 0.2);
}

TEST_CASE("options of branches that make no sense are refused") {
  const auto refusal = [](const std::string& yaml) { return test::message_of<ConfigError>([&] { test::small_model(yaml); }); };
  CHECK(refusal("layer: {branch: {stochastic_depth: 1}}").find("stochastic_depth: must be at least 0 and below 1") != std::string::npos);
  CHECK(refusal("layer: {branch: {initial_gain: 0.1}}").find("initial_gain: needs a gain: scalar or vector") != std::string::npos);
  CHECK(refusal("layer: {branch: {gain: matrix}}").find("gain") != std::string::npos);
  CHECK(refusal("{initializer: zero_output, layer: {branch: {gain: scalar}}}").find("keep each other there") != std::string::npos);
  CHECK(refusal("{initializer: zero_output, layer: {branch: {gain: scalar, initial_gain: 0.1}}}") == "(nothing was thrown)");
}

TEST_CASE("the residual with all its options belongs to the whole stack") {
  const auto refusal = test::message_of<ConfigError>(
      [] { test::small_model("{layer: {residual: deepnorm}, decoder: {layers: {\"1\": {residual: {alpha: 3}}}}}"); });
  CHECK(refusal.find("decoder.layers.1.residual: the residual belongs to the whole stack: layer 0 has type: deepnorm") !=
        std::string::npos);
}

}  // namespace sublayer::residual
