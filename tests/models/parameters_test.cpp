#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <set>

#include "models/initializer/initializer.h"
#include "models/model.h"
#include "src/conformance/small_model.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"

namespace sublayer::test {
namespace {

using conformance::SentencePairs;

using Values = std::map<std::string, at::Tensor>;

Values values_of(const Module& model) {
  Values values;
  for (const auto& parameter : all_parameters(model)) values[parameter.name] = parameter.tensor.detach();
  return values;
}

Values initial_values(const std::string& yaml, uint64_t seed = 1) {
  const auto model = small_model(yaml);
  model->initialize(Noise(seed)("init"));
  return values_of(*model);
}

// Whether b is a multiple of a, both of them something.
bool is_multiple(const at::Tensor& a, const at::Tensor& b) {
  const auto cosine = (a * b).sum() / (a.norm() * b.norm());
  return std::abs(cosine.item<double>() - 1) < 1e-6;
}

std::set<std::string> names_without_layers(const Values& values) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : values) {
    if (name.find("coder.") == std::string::npos) names.insert(name);
  }
  return names;
}

}  // namespace

TEST_CASE("modules know their paths") {
  const auto model = small_model();
  CHECK(model->path().empty());
  for (const auto& child : model->named_modules("", /*include_self=*/false)) {
    if (const auto* module = dynamic_cast<const Module*>(child.value().get())) CHECK(module->path() == child.key());
  }
}

TEST_CASE("names follow the keys of the config") {
  const auto values = values_of(*small_model("layer: {residual: pre, feed_forward: gated}"));
  for (const std::string name : {"encoder.layers.0.self_attention.body.query.weight", "encoder.layers.1.self_attention.norm.weight",
                                 "decoder.layers.1.cross_attention.body.output.bias", "decoder.layers.0.feed_forward.body.gate.weight",
                                 "encoder.layers.0.feed_forward.norm.bias", "decoder.residual.norm.weight"}) {
    INFO(name);
    CHECK(values.contains(name));
  }
}

TEST_CASE("a tied tensor is one leaf with one name") {
  using Names = std::set<std::string>;
  CHECK(names_without_layers(values_of(*small_model("embedding: {tie: all}"))) == Names{"embedding.weight"});
  CHECK(names_without_layers(values_of(*small_model("embedding: {tie: decoder}"))) ==
        Names{"source_embedding.weight", "target_embedding.weight"});
  CHECK(names_without_layers(values_of(*small_model("embedding: {tie: inputs}"))) == Names{"embedding.weight", "output.weight"});
  CHECK(names_without_layers(values_of(*small_model("embedding: {tie: none}"))) ==
        Names{"source_embedding.weight", "target_embedding.weight", "output.weight"});
  for (const std::string tie : {"all", "inputs", "decoder", "none"}) {
    INFO(tie);
    const auto model = small_model("embedding: {tie: " + tie + "}");
    const auto projection = model->output_projection().weight;
    int64_t found = 0;
    for (const auto& parameter : all_parameters(*model)) found += parameter.tensor.is_same(projection);
    CHECK(found == 1);
    std::set<const void*> storages;
    for (const auto& parameter : all_parameters(*model)) CHECK(storages.insert(parameter.tensor.const_data_ptr()).second);
  }
}

TEST_CASE("the gradient of a tied tensor is the sum of those of its uses") {
  const SentencePairs pairs;
  const auto tied = small_model("embedding: {tie: all}"), untied = small_model("embedding: {tie: none}");
  const auto shared = values_of(*tied);
  for (const auto& [name, tensor] : values_of(*untied)) {
    at::Tensor(tensor).copy_(shared.contains(name) ? shared.at(name) : shared.at("embedding.weight"));
  }
  Values gradients, tied_gradients;
  for (const auto& [model, list] : {std::pair{tied, &tied_gradients}, {untied, &gradients}}) {
    model->to(at::kDouble);
    at::linear(hidden_states(*model, pairs), model->output_projection().weight).log_softmax(1).select(1, 4).sum().backward();
    for (const auto& parameter : all_parameters(*model)) (*list)[parameter.name] = parameter.tensor.grad();
  }
  const auto sum = gradients["source_embedding.weight"] + gradients["target_embedding.weight"] + gradients["output.weight"];
  CHECK(tied_gradients["embedding.weight"].allclose(sum, 1e-9, 1e-10));
  const std::string deep = "encoder.layers.0.self_attention.body.value.weight";
  CHECK(tied_gradients[deep].allclose(gradients[deep], 1e-9, 1e-10));
}

TEST_CASE("parameters have the roles and shapes that initializers and optimizers go by") {
  const VocabularySizes sizes{13, 11, false};
  const std::string yaml =
      "{embedding: {tie: none}, position: {type: learned, max_length: 9}, layer: {residual: pre, feed_forward: gated}}";
  std::map<std::string, std::pair<Role, std::vector<int64_t>>> facts;
  for (const auto& parameter : all_parameters(*small_model(yaml, sizes)))
    facts[parameter.name] = {parameter.role, parameter.tensor.sizes().vec()};
  const auto check = [&](const std::string& name, Role role, const std::vector<int64_t>& shape) {
    INFO(name);
    REQUIRE(facts.contains(name));
    CHECK(facts[name].first == role);
    CHECK(facts[name].second == shape);
  };
  check("source_embedding.weight", Role::embedding, {13, 16});
  check("target_embedding.weight", Role::embedding, {11, 16});
  check("output.weight", Role::output_projection, {11, 16});
  check("position.weight", Role::position, {9, 16});
  const std::string attention = "decoder.layers.1.cross_attention.body.", network = "decoder.layers.1.feed_forward.body.";
  check(attention + "query.weight", Role::attention_query, {16, 16});
  check(attention + "key.weight", Role::attention_key, {16, 16});
  check(attention + "value.weight", Role::attention_value, {16, 16});
  check(attention + "output.weight", Role::attention_output, {16, 16});
  check(attention + "output.bias", Role::bias, {16});
  check(network + "gate.weight", Role::ffn_gate, {24, 16});
  check(network + "input.weight", Role::ffn_input, {24, 16});
  check(network + "input.bias", Role::bias, {24});
  check(network + "output.weight", Role::ffn_output, {16, 24});
  check("decoder.layers.1.feed_forward.norm.weight", Role::gain, {16});
  check("decoder.layers.1.feed_forward.norm.bias", Role::bias, {16});
  check("encoder.residual.norm.weight", Role::gain, {16});
}

TEST_CASE("shared layers are one, whatever the depth, and have one set of options") {
  const auto model = small_model("{encoder: {share_layers: true, num_layers: 3}}");
  int64_t count = 0;
  for (const auto& parameter : all_parameters(*model)) {
    if (!parameter.name.starts_with("encoder.layers.")) continue;
    ++count;
    CHECK(parameter.name.starts_with("encoder.layers.0."));
  }
  CHECK(count > 10);
  const SentencePairs pairs;
  CHECK(!hidden_states(*model, pairs).allclose(hidden_states(*small_model("{encoder: {share_layers: true, num_layers: 2}}"), pairs)));
  const auto refusal = message_of<ConfigError>([] { small_model("{encoder: {share_layers: true, layers: {\"1\": {dropout: 0.5}}}}"); });
  CHECK(refusal.find("encoder.share_layers: shared layers have the same options, but those of layer 1 differ") != std::string::npos);
}

TEST_CASE("words of the target may have a bias of their own") {
  const auto model = small_model("{embedding: {output_bias: true}}", {13, 11, false});
  const auto projection = model->output_projection();
  REQUIRE(projection.bias);
  CHECK(projection.bias->sizes() == at::IntArrayRef({11}));
  CHECK(projection.bias->requires_grad());
  model->initialize(Noise(1)("init"));
  CHECK(values_of(*model).at("output_bias").equal(at::zeros({11})));
  CHECK(!small_model()->output_projection().bias);
}

TEST_CASE("every initializer fills all parameters, gains with 1 and biases with 0, from the seed alone") {
  for (const auto& name : Registry<initializer::Initializer>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto values = initial_values("initializer: " + name);
      const auto again = initial_values("initializer: " + name), other = initial_values("initializer: " + name, 2);
      for (const auto& parameter : all_parameters(*small_model())) {
        INFO(parameter.name);
        const auto& value = values.at(parameter.name);
        CHECK(value.isfinite().all().item<bool>());
        CHECK(again.at(parameter.name).equal(value));
        if (parameter.role == Role::gain) CHECK(value.equal(at::ones_like(value)));
        if (parameter.role == Role::bias) CHECK(value.equal(at::zeros_like(value)));
        if (parameter.role == Role::embedding) {
          CHECK(!other.at(parameter.name).equal(value));
          CHECK(value.std().item<double>() == Approx(0.25).margin(0.04));  // d_model^-0.5
        }
      }
      CHECK(
          !other.at("encoder.layers.0.feed_forward.body.input.weight").equal(values.at("encoder.layers.0.feed_forward.body.input.weight")));
    }
  }
}

TEST_CASE("initial values of parameters with other names are unlike, those of one name alike in every model that has it") {
  const auto values = initial_values("{}");
  CHECK(
      !values.at("encoder.layers.0.self_attention.body.query.weight").equal(values.at("encoder.layers.0.self_attention.body.key.weight")));
  CHECK(!values.at("encoder.layers.0.feed_forward.body.input.weight").equal(values.at("encoder.layers.1.feed_forward.body.input.weight")));
  for (const std::string arm : {"encoder: {num_layers: 3}", "position: learned", "layer: {residual: pre}", "layer: {feed_forward: gated}",
                                "embedding: {tie: none}", "layer: {attention: {num_heads: 4}}", "layer: {norm: rms_norm}"}) {
    INFO(arm);
    int64_t common = 0;
    for (const auto& [name, tensor] : initial_values(arm)) {
      if (!values.contains(name)) continue;
      ++common;
      CHECK(tensor.equal(values.at(name)));
    }
    CHECK(common > 30);
  }
}

TEST_CASE("a wider feed-forward network or vocabulary extends the noise of the narrower one") {
  for (const auto& name : Registry<initializer::Initializer>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto narrow = initial_values("{initializer: " + name + ", layer: {feed_forward: {d_ff: 24}}}");
      const auto wide = initial_values("{initializer: " + name + ", layer: {feed_forward: {d_ff: 39}}}");
      const std::string network = "decoder.layers.1.feed_forward.body.";
      CHECK(is_multiple(wide.at(network + "input.weight").narrow(0, 0, 24), narrow.at(network + "input.weight")));
      const auto wide_output = wide.at(network + "output.weight").narrow(1, 0, 24), narrow_output = narrow.at(network + "output.weight");
      CHECK((is_multiple(wide_output, narrow_output) || (!wide_output.any().item<bool>() && !narrow_output.any().item<bool>())));
      CHECK(wide.at("decoder.layers.1.self_attention.body.query.weight")
                .equal(narrow.at("decoder.layers.1.self_attention.body.query.weight")));
    }
  }
  const auto few = small_model("{}", {11, 11, true}), many = small_model("{}", {20, 20, true});
  for (const auto& model : {few, many}) model->initialize(Noise(1)("init"));
  CHECK(values_of(*many).at("target_embedding.weight").narrow(0, 0, 11).equal(values_of(*few).at("target_embedding.weight")));
}

TEST_CASE("xavier_uniform and normal have the spread of their formulas") {
  const std::string name = "encoder.layers.0.feed_forward.body.input.weight";
  const double bound = std::sqrt(6.0 / (16 + 200));
  const auto uniform = initial_values("{initializer: {type: xavier_uniform, gain: 2}, layer: {feed_forward: {d_ff: 200}}}").at(name);
  CHECK(uniform.abs().max().item<double>() <= 2 * bound);
  CHECK(uniform.abs().max().item<double>() > 1.98 * bound);
  CHECK(uniform.std().item<double>() == Approx(2 * bound / std::sqrt(3.0)).epsilon(0.05));
  const auto normal = initial_values("{initializer: {type: normal, deviation: 0.5}, layer: {feed_forward: {d_ff: 200}}}").at(name);
  CHECK(normal.std().item<double>() == Approx(0.5).epsilon(0.05));
  CHECK(normal.mean().item<double>() == Approx(0).margin(0.04));
}

}  // namespace sublayer::test
