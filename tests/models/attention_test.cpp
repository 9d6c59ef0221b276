#include "models/attention/attention.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>

#include "models/initializer/initializer.h"
#include "src/conformance/small_model.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"

namespace sublayer::attention {
namespace {

using test::choice_of;
using Values = std::map<std::string, at::Tensor>;

constexpr int64_t width = 8, tokens = 5;

at::Tensor drawn(const std::string& name, at::IntArrayRef shape) {
  at::Tensor values = at::empty(shape, at::kDouble);
  initializer::fill_normal(values, 0, 1, Noise(3)(name));
  return values;
}

void fill(const Module& module) {
  for (const auto& parameter : all_parameters(module)) parameter.tensor.detach().copy_(drawn(parameter.name, parameter.tensor.sizes()));
}

// Self-attention of one sequence, with parameters named alike drawn alike. Those of a shared position are the position's own.
struct SmallAttention {
  std::shared_ptr<position::Position> position;
  std::shared_ptr<Attention> attention;

  explicit SmallAttention(const std::string& options, const std::string& position_options = "none", bool is_decoder = false,
                          bool sees_memory = false)
      : position(choice_of<position::Position>(position_options).build(width)),
        attention(choice_of<Attention>("{type: multi_head, num_heads: 2" + (options.empty() ? "" : ", " + options) + "}")
                      .build(Place{width, true, sees_memory, is_decoder, *position})) {
    position->to(at::kDouble);
    attention->to(at::kDouble);
    fill(*position);
    fill(*attention);
  }
  Values values() const {
    Values list;
    for (const auto& parameter : all_parameters(*attention)) list[parameter.name] = parameter.tensor.detach();
    return list;
  }
  at::Tensor forward(const at::Tensor& x, bool is_causal = false) const {
    const at::NoGradGuard no_gradients;
    const auto layout = Layout::of_lengths({x.size(0)});
    Context context = Context::evaluation();
    return attention->attend(x, layout, {{Side::own, is_causal, &x, &layout, {}}}, context);
  }
};

// [T, d] -> [H, T, D]
at::Tensor heads_of(const Values& v, const std::string& name, const at::Tensor& x, int64_t heads = 2) {
  return at::linear(x, v.at(name + ".weight"), v.at(name + ".bias")).view({x.size(0), heads, -1}).transpose(0, 1);
}

at::Tensor output_of(const Values& v, const at::Tensor& heads) {
  return at::linear(heads.transpose(0, 1).flatten(1), v.at("output.weight"), v.at("output.bias"));
}

at::Tensor scores_of(const Values& v, const at::Tensor& x) {
  return at::matmul(heads_of(v, "query", x), heads_of(v, "key", x).transpose(1, 2)) / std::sqrt(4.0);
}

const at::Tensor& input() {
  static const at::Tensor x = drawn("input", {tokens, width});
  return x;
}

}  // namespace

TEST_CASE("heads may share keys and values") {
  const SmallAttention shared("key_value_heads: 1"), full("");
  auto v = shared.values();
  CHECK(v.at("key.weight").sizes() == at::IntArrayRef({4, width}));
  for (const auto& [name, tensor] : full.values())
    at::Tensor(tensor).copy_(v.at(name).size(0) < tensor.size(0) ? at::cat({v.at(name), v.at(name)}) : v.at(name));
  for (const bool is_causal : {false, true})
    CHECK(shared.forward(input(), is_causal).allclose(full.forward(input(), is_causal), 1e-10, 1e-10));
}

TEST_CASE("queries and keys may be normed, head by head") {
  const SmallAttention attention("query_key_norm: rms_norm");
  const auto v = attention.values();
  const auto normed = [&](const std::string& name) {
    const auto x = heads_of(v, name, input());
    return x / (x.square().mean(-1, true) + 1e-6).sqrt() * v.at(name + "_norm.weight");
  };
  const auto weights = (at::matmul(normed("query"), normed("key").transpose(1, 2)) / 2).softmax(-1);
  CHECK(attention.forward(input()).allclose(output_of(v, at::matmul(weights, heads_of(v, "value", input()))), 1e-9, 1e-9));
}

TEST_CASE("a gate scales the result of each head, or each of its elements") {
  for (const std::string gate : {"head", "element"}) {
    INFO(gate);
    const SmallAttention attention("gate: " + gate);
    const auto v = attention.values();
    const auto heads = at::matmul(scores_of(v, input()).softmax(-1), heads_of(v, "value", input()));
    CHECK(v.at("gate.weight").size(0) == (gate == "head" ? 2 : width));
    CHECK(attention.forward(input()).allclose(output_of(v, heads * heads_of(v, "gate", input()).sigmoid()), 1e-9, 1e-9));
  }
}

TEST_CASE("a soft cap bounds the scores") {
  const SmallAttention attention("soft_cap: 0.7");
  const auto v = attention.values();
  const auto weights = ((scores_of(v, input()) / 0.7).tanh() * 0.7).softmax(-1);
  CHECK(attention.forward(input()).allclose(output_of(v, at::matmul(weights, heads_of(v, "value", input()))), 1e-9, 1e-9));
}

TEST_CASE("one softmax may run over the keys of both sides") {
  for (const std::string position : {"none", "relative_bias"}) {
    INFO(position);
    const SmallAttention attention("soft_cap: 3", position, true, /*sees_memory=*/true);
    const auto v = attention.values();
    const auto memory = drawn("memory", {3, width});
    const auto layout = Layout::of_lengths({tokens}), memory_layout = Layout::of_lengths({3});
    Context context = Context::evaluation();
    const at::NoGradGuard no_gradients;
    const auto& a = attention.attention;
    const auto x = input();
    const auto given =
        a->attend(x, layout, {{Side::own, true, &x, &layout, {}}, {Side::memory, false, &memory, &memory_layout, {}}}, context);
    const auto keys = at::cat({heads_of(v, "key", input()), heads_of(v, "key", memory)}, 1);
    const auto values = at::cat({heads_of(v, "value", input()), heads_of(v, "value", memory)}, 1);
    auto scores = at::matmul(heads_of(v, "query", input()), keys.transpose(1, 2)) / std::sqrt(4.0);  // [H, T, T + 3]
    if (position == "relative_bias") {
      const auto at_offset = attention.position->for_attention({2, 4, false, true});
      const auto places = at::arange(tokens);
      const auto bias = at_offset->added_to_scores({}, places.unsqueeze(0) - places.unsqueeze(1)).detach();
      scores.narrow(2, 0, tokens).add_(bias);
    }
    scores = (scores / 3).tanh() * 3;
    const auto hidden = at::ones({tokens, tokens}, at::kBool).triu(1);
    scores.narrow(2, 0, tokens).masked_fill_(hidden, -1e30);
    CHECK(given.allclose(output_of(v, at::matmul(scores.softmax(-1), values)), 1e-9, 1e-9));
  }
}

TEST_CASE("a window hides keys that are farther away, on both sides or behind") {
  for (const bool is_causal : {false, true}) {
    const SmallAttention attention("window: 1", "none", is_causal);
    const auto before = attention.forward(input(), is_causal);
    for (int64_t changed = 0; changed < tokens; ++changed) {
      auto x = input().clone();
      x[changed] += 1;
      const auto moved = (attention.forward(x, is_causal) - before).abs().amax(1);
      for (int64_t t = 0; t < tokens; ++t) {
        const int64_t behind = t - changed;
        const bool is_seen = is_causal ? behind == 0 || behind == 1 : std::abs(behind) <= 1;
        CHECK((moved[t].item<double>() > 1e-9) == is_seen);
      }
    }
  }
}

TEST_CASE("rotary scores depend on the distance of query and key alone") {
  const auto position = choice_of<position::Position>("rotary").build(width);
  const auto turn = position->for_attention({2, 6, false, false});
  const auto q = drawn("q", {1, 2, 6}), k = drawn("k", {1, 2, 6});
  const auto score = [&](int64_t query, int64_t key) {
    return (turn->turned(q, at::tensor({query}, at::kLong)) * turn->turned(k, at::tensor({key}, at::kLong))).sum(-1);
  };
  CHECK(score(0, 0).allclose((q * k).sum(-1), 1e-9, 1e-9));
  CHECK(score(7, 4).allclose(score(103, 100), 1e-4, 1e-4));  // angles are computed in single precision
  CHECK(score(2, 5).allclose(score(-6, -3), 1e-4, 1e-4));
  CHECK(!score(7, 4).allclose(score(7, 5), 1e-2, 1e-2));
  CHECK(turn->turned(q, at::tensor({9}, at::kLong)).norm().item<double>() == Approx(q.norm().item<double>()).epsilon(1e-6));
  // Two features by hand: an angle of the position itself, then of a hundredth.
  const auto pairs =
      position->for_attention({1, 4, false, false})->turned(at::tensor({1.0, 2.0, 3.0, 4.0}).view({1, 1, 4}), at::tensor({5}, at::kLong));
  CHECK(pairs.flatten()[0].item<double>() == Approx(std::cos(5.0) - 3 * std::sin(5.0)).epsilon(1e-6));
  CHECK(pairs.flatten()[2].item<double>() == Approx(3 * std::cos(5.0) + std::sin(5.0)).epsilon(1e-6));
  CHECK(pairs.flatten()[3].item<double>() == Approx(4 * std::cos(0.05) + 2 * std::sin(0.05)).epsilon(1e-6));
}

TEST_CASE("a share of the features is turned, the rest is left") {
  const auto turn = choice_of<position::Position>("{type: rotary, share: 0.5}").build(width)->for_attention({2, 8, false, false});
  const auto x = drawn("x", {1, 2, 8}), y = turn->turned(x, at::tensor({3}, at::kLong));
  CHECK(y.slice(2, 4).equal(x.slice(2, 4)));
  CHECK(!y.slice(2, 0, 4).allclose(x.slice(2, 0, 4)));
}

TEST_CASE("in encoder-decoder attention the target goes on where the source ends") {
  // So each query is as far from the source's last token as from a predecessor of its own.
  for (const auto& layout :
       {Layout::of_lengths({4, 2}), Layout::of_mask(at::tensor({0, 0, 0, 0, 0, 0, 1, 1}, at::kLong).view({2, 4}).to(at::kBool))}) {
    CHECK(layout.positions().equal(at::tensor({0, 1, 2, 3, 0, 1}, at::kLong)));
    CHECK(layout.positions_from_end().equal(at::tensor({-4, -3, -2, -1, -2, -1}, at::kLong)));
  }
  const auto with = choice_of<position::Position>("rotary").build(width),
             without = choice_of<position::Position>("{type: rotary, cross: false}").build(width);
  CHECK(with->for_attention({2, 4, true, true}));
  CHECK(!without->for_attention({2, 4, true, true}));
  CHECK(without->for_attention({2, 4, false, true}));
}

TEST_CASE("alibi takes a slope times the distance off the scores") {
  const SmallAttention attention("", "alibi");
  const auto v = attention.values();
  const auto places = at::arange(tokens, at::kDouble);
  const auto distance = (places.unsqueeze(0) - places.unsqueeze(1)).abs();
  const auto scores = scores_of(v, input()) - at::tensor({std::exp2(-4.0), std::exp2(-8.0)}).to(at::kDouble).view({2, 1, 1}) * distance;
  CHECK(attention.forward(input()).allclose(output_of(v, at::matmul(scores.softmax(-1), heads_of(v, "value", input()))), 1e-9, 1e-9));
}

TEST_CASE("relative_keys add a trained key for each distance up to a largest") {
  const SmallAttention attention("", "{type: relative_keys, max_distance: 2}");
  const auto v = attention.values();
  auto scores = scores_of(v, input()).clone();
  const auto queries = heads_of(v, "query", input()) / 2;
  for (int64_t t = 0; t < tokens; ++t) {
    for (int64_t s = 0; s < tokens; ++s) {
      const auto key = v.at("position.weight")[std::clamp<int64_t>(s - t, -2, 2) + 2];
      scores.select(1, t).select(1, s).add_((queries.select(1, t) * key).sum(-1));
    }
  }
  CHECK(attention.forward(input()).allclose(output_of(v, at::matmul(scores.softmax(-1), heads_of(v, "value", input()))), 1e-9, 1e-9));
}

TEST_CASE("relative_bias shares buckets as T5 does: single small distances, then logarithmic ones") {
  // T5's function (Raffel et al. 2020, appendix), written for one number.
  const auto bucket = [](int64_t offset, bool both, int64_t count, int64_t longest) {
    int64_t number = 0, distance = -offset;
    if (both) {
      count /= 2;
      if (offset > 0) number += count;
      distance = std::abs(distance);
    } else {
      distance = std::max<int64_t>(distance, 0);
    }
    const int64_t exact = count / 2;
    if (distance < exact) return number + distance;
    const float far = std::log(static_cast<float>(distance) / static_cast<float>(exact)) / std::log(static_cast<float>(longest) / exact);
    return number + std::min<int64_t>(exact + static_cast<int64_t>(far * static_cast<float>(count - exact)), count - 1);
  };
  for (const bool is_decoder : {false, true}) {
    const auto position = choice_of<position::Position>("{type: relative_bias, buckets: 8, max_distance: 20}").build(width);
    const auto bias = position->for_attention({1, 4, false, is_decoder});
    at::Tensor numbers = all_parameters(*bias)[0].tensor.detach();
    numbers.copy_(at::arange(8, at::kFloat).unsqueeze(1));
    const auto offsets = at::arange(-40, 41, at::kLong).unsqueeze(0);
    const auto seen = bias->added_to_scores({}, offsets).flatten();
    for (int64_t i = 0; i < 81; ++i) {
      INFO(i - 40);
      CHECK(seen[i].item<int64_t>() == bucket(i - 40, !is_decoder, 8, 20));
    }
  }
}

TEST_CASE("gradients of tables of positions are summed as floats, whatever the activations are") {
  const auto learned = choice_of<position::Position>("{type: learned, max_length: 2}").build(width);
  learned->to(at::kBFloat16);
  learned->embed(at::zeros({1000, width}, at::kBFloat16), at::zeros({1000}, at::kLong)).sum().backward();
  CHECK(learned->parameters()[0].grad()[0][0].item<float>() == 1000);  // rounded sums would stop at 256

  const auto bias = choice_of<position::Position>("{type: relative_bias, shared: false}").build(width)->for_attention({1, 4, false, false});
  bias->to(at::kBFloat16);
  bias->added_to_scores({}, at::zeros({25, 40}, at::kLong)).sum().backward();
  CHECK(bias->parameters()[0].grad()[0][0].item<float>() == 1000);
}

TEST_CASE("layers of a stack share their relative bias, unless told otherwise") {
  const auto names = [](const std::string& yaml) {
    std::vector<std::string> list;
    for (const auto& parameter : all_parameters(*test::small_model("position: " + yaml))) {
      if (parameter.name.find("position") != std::string::npos) list.push_back(parameter.name);
    }
    return list;
  };
  CHECK(names("relative_bias") == std::vector<std::string>{"position.encoder.weight", "position.decoder.weight"});
  CHECK(names("{type: relative_bias, shared: false}").size() == 4);
  CHECK(names("{type: relative_bias, shared: false}")[0] == "encoder.layers.0.self_attention.body.position.weight");
}

TEST_CASE("options of attention that make no sense are refused") {
  const auto refusal = [](const std::string& yaml) { return test::message_of<ConfigError>([&] { test::small_model(yaml); }); };
  CHECK(refusal("layer: {attention: {num_heads: 4, key_value_heads: 3}}").find("key_value_heads: 3 do not divide num_heads 4") !=
        std::string::npos);
  CHECK(refusal("layer: {attention: {window: 2}}").find("cross_attention.window: has no meaning between two sequences") !=
        std::string::npos);
  CHECK(refusal("layer: {self_attention: {window: 2}}") == "(nothing was thrown)");
  CHECK(refusal("layer: {attention: {soft_cap: -1}}").find("soft_cap: must not be negative") != std::string::npos);
  CHECK(refusal("position: {type: rotary, share: 0}").find("share: must be above 0 and at most 1") != std::string::npos);
  CHECK(refusal("position: {type: relative_bias, buckets: 5}").find("buckets: must be even") != std::string::npos);
}

}  // namespace sublayer::attention
