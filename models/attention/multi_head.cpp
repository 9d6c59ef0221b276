// B batch, H heads, G heads of keys and values, T queries, S keys (of one sight or of all), D d_head; N packed tokens.
#include <algorithm>
#include <cmath>
#include <limits>

#include "models/attention/attention.h"
#include "models/dropout.h"
#include "models/kernels/attention.h"
#include "models/linear.h"
#include "models/norm/norm.h"
#include "models/precision.h"

namespace sublayer::attention {
namespace {

struct MultiHeadOptions : AttentionOptions {
  std::string scale = "inverse_sqrt";
  int64_t key_value_heads = 0;
  bool bias = true;
  Choice<norm::Norm> query_key_norm = "none";
  std::string gate = "none";
  double soft_cap = 0;
  int64_t window = 0;
  void fields(config::Fields& v) override {
    AttentionOptions::fields(v);
    v.word("scale", scale, {"inverse_sqrt", "none"}, "factor on the scores: 1 / sqrt(d_head), or none (T5)").otherwise("none");
    v("key_value_heads", key_value_heads, "heads of keys and values, each shared by as many of queries (Ainslie et al. 2023); 0: num_heads")
        .otherwise("1");
    v("bias", bias, "whether the projections add a bias").otherwise("false");
    v("query_key_norm", query_key_norm, "norm of each head's queries and keys (Dehghani et al. 2023; with another norm Henry et al. 2020)")
        .otherwise("rms_norm");
    v.word("gate", gate, {"none", "head", "element"},
           "sigmoid gate on the heads' results, one for each head or for each of its elements (Qiu et al. 2025)")
        .otherwise("head")
        .otherwise("element");
    v("soft_cap", soft_cap, "scores s become c tanh(s / c) (Gemma 2); 0 switches it off").otherwise("0.5");
    v("window", window, "farthest distance of a key that is seen, in tokens (Beltagy et al. 2020); 0: any").otherwise("1");
  }
  std::string key_of_self_attention_only() const override { return window > 0 ? "window" : ""; }
  void check(config::Checker& c) const override {
    AttentionOptions::check(c);
    c.require(key_value_heads >= 0, "key_value_heads", "must not be negative");
    c.require(key_value_heads == 0 || num_heads % key_value_heads == 0, "key_value_heads",
              std::to_string(key_value_heads) + " do not divide num_heads " + std::to_string(num_heads));
    c.require(soft_cap >= 0, "soft_cap", "must not be negative");
    c.require(window >= 0, "window", "must not be negative");
  }
};

// Concat_h(softmax(scale Q_h K_h^T) V_h) W_o (Vaswani et al. 2017).
class MultiHead final : public Attention {
 public:
  using Options = MultiHeadOptions;
  MultiHead(const Options& options, const Place& place)
      : heads_(options.num_heads),
        key_value_heads_(options.key_value_heads > 0 ? options.key_value_heads : options.num_heads),
        d_head_(place.d_model / options.num_heads),
        window_(options.window),
        scale_(options.scale == "none" ? 1 : 1 / std::sqrt(static_cast<double>(d_head_))),
        dropout_(options.dropout),
        soft_cap_(options.soft_cap),
        has_bias_(options.bias) {
    const auto project = [&](const char* name, int64_t outputs, Role role, int64_t uses = 1) {
      return register_module(name, std::make_shared<Linear>(place.d_model, outputs, role, options.bias, uses));
    };
    const int64_t sides = place.sees_own + place.sees_memory;
    sees_one_side_ = sides == 1;
    query_ = project("query", heads_ * d_head_, Role::attention_query);
    key_ = project("key", key_value_heads_ * d_head_, Role::attention_key, sides);
    value_ = project("value", key_value_heads_ * d_head_, Role::attention_value, sides);
    if (options.gate != "none") gate_ = project("gate", options.gate == "head" ? heads_ : heads_ * d_head_, Role::attention_gate);
    output_ = register_module("output", std::make_shared<Linear>(heads_ * d_head_, place.d_model, Role::attention_output, options.bias));
    query_norm_ = register_module("query_norm", options.query_key_norm.build(d_head_));
    key_norm_ = register_module("key_norm", options.query_key_norm.build(d_head_));
    const auto locate = [&](const char* name, bool is_cross) {
      auto position = place.position.for_attention({heads_, d_head_, is_cross, place.is_decoder});
      if (position && !position->is_shared()) register_module(name, position);
      return position;
    };
    if (place.sees_own) own_position_ = locate("position", false);
    if (place.sees_memory) memory_position_ = locate("memory_position", true);
  }

  std::vector<UnreachableParameter> unreachable_parameters() const override {
    const bool is_shift = key_norm_->is_identity() && soft_cap_ == 0 && !turns_keys();
    if (!has_bias_ || !is_shift) return {};
    return {{"key.bias", "it adds the same to all scores of a query, and softmax looks at their differences alone"}};
  }

  KeyValues project(const at::Tensor& states, const Layout& layout, Side side, const Context& context) override {
    if (has_step_kernel(states, layout, side, context)) {
      KeyValues kept;
      if (states.size(0) > 0) kept.parts.push_back({keys_of(states, layout, side, context).contiguous(), values_of(states, context)});
      return kept;
    }
    return padded(states, layout, side, context);
  }

  at::Tensor attend(const at::Tensor& x, const Layout& layout, const std::vector<Sight>& sights, Context& context) override {
    auto result = attend_to(sights, x, layout, context);  // [N, H, D]
    if (gate_) result = result * gate_->forward(x, context).sigmoid().unflatten(1, {heads_, -1});
    return output_->forward(result.flatten(1), context);
  }

 private:
  at::Tensor keys_of(const at::Tensor& states, const Layout& layout, Side side, const Context& context) const {
    const auto keys = key_norm_->forward(key_->forward(states, context).unflatten(1, {key_value_heads_, d_head_}));  // [N, G, D]
    // Between two sequences only the distance from the end of the source is known to all queries: the target goes on where the source ends.
    const auto* position = position_of(side);
    return position ? position->turned(keys, side == Side::memory ? layout.positions_from_end() : layout.positions()) : keys;
  }

  at::Tensor values_of(const at::Tensor& states, const Context& context) const {
    return value_->forward(states, context).unflatten(1, {key_value_heads_, d_head_});  // [N, G, D]
  }

  at::Tensor queries_of(const at::Tensor& x, const Context& context) const {
    return query_norm_->forward(query_->forward(x, context).unflatten(1, {heads_, d_head_}));  // [N, H, D]
  }

  KeyValues padded(const at::Tensor& states, const Layout& layout, Side side, const Context& context) const {
    return {by_head(keys_of(states, layout, side, context), key_value_heads_, layout),
            by_head(values_of(states, context), key_value_heads_, layout),
            layout.padding_mask(),
            {}};
  }

  // x -> [N, H, D], in one of four ways: by our own kernels, for steps while decoding or for whole sequences, by LibTorch's, or step by
  // step. Keys and values come before queries in all of them: the order in which gradients of x are added is part of a training's bits.
  at::Tensor attend_to(const std::vector<Sight>& sights, const at::Tensor& x, const Layout& layout, Context& context) {
    if (!sights[0].kept.parts.empty()) return attend_step(sights[0], x, layout, context);
    const bool is_plain = sights.size() > 1 || changes_scores(sights[0].side) || context.observer;
    if (!is_plain && has_kernel(sights[0], x, context)) return attend_packed(sights[0], x, layout, context);
    std::vector<Sight> seen = sights;
    for (auto& sight : seen) {
      if (sight.states) sight.kept = padded(*sight.states, *sight.layout, sight.side, context);
    }
    const auto queries = queries_of(x, context);
    // LibTorch's fused kernel falls back to a slow path with dropout inside, and the noise is ours.
    const bool drops = context.is_training && dropout_ > 0;
    const auto heads = is_plain || drops ? attend_plainly(queries, layout, seen, context) : attend_fused(queries, layout, seen[0]);
    return layout.pack(heads.transpose(1, 2).flatten(2)).unflatten(1, {heads_, d_head_});
  }

  bool has_kernel(const Sight& sight, const at::Tensor& x, const Context& context) const {
    if (!context.fuses(x) || !sight.states || sight.layout->lengths().empty() || d_head_ % 16 != 0) return false;
    // It keeps the weights of all heads; for long sequences LibTorch's, which keeps none, takes less memory.
    const auto& lengths = sight.layout->lengths();
    return *std::max_element(lengths.begin(), lengths.end()) <= 512;
  }

  // Whether what is kept for steps stays in parts: the source's, or those of steps whose hypotheses have a lineage.
  bool has_step_kernel(const at::Tensor& states, const Layout& layout, Side side, const Context& context) const {
    return context.fuses(states) && states.scalar_type() == at::kFloat && !at::GradMode::is_enabled() && sees_one_side_ &&
           !changes_scores(side) && (!layout.lengths().empty() || layout.lineage());
  }

  at::Tensor attend_step(const Sight& sight, const at::Tensor& x, const Layout& layout, const Context& context) const {
    TORCH_CHECK(layout.lineage(), "keys and values that were kept in parts are looked up by steps that have a lineage");
    const auto* position = position_of(sight.side);
    const auto queries = queries_of(x, context);
    const auto& seen = sight.side == Side::own ? layout.lineage()->own() : layout.lineage()->memory();
    return kernels::step_attention(position ? position->turned(queries, layout.positions()) : queries, sight.kept.parts, seen, scale_);
  }

  at::Tensor attend_packed(const Sight& sight, const at::Tensor& x, const Layout& layout, Context& context) {
    const auto keys = keys_of(*sight.states, *sight.layout, sight.side, context), values = values_of(*sight.states, context);
    const auto queries = queries_of(x, context);
    const auto* position = position_of(sight.side);
    return kernels::attention(position ? position->turned(queries, layout.positions()) : queries, keys, values, layout.lengths(),
                              sight.layout->lengths(), scale_, sight.is_causal, drop_at(dropout_, *this, "weights", context));
  }

  // [N, heads, D] -> [B, heads, T, D]
  at::Tensor by_head(const at::Tensor& x, int64_t heads, const Layout& layout) const {
    return layout.pad(x.flatten(1)).unflatten(-1, {heads, d_head_}).transpose(1, 2);
  }

  // [B, G, S, D] -> [B, H, S, D]
  at::Tensor for_all_heads(const at::Tensor& x) const {
    return key_value_heads_ == heads_ ? x : x.repeat_interleave(heads_ / key_value_heads_, 1);
  }

  // The position of each key minus that of each query, [T, S]: the latest query stands where the latest key does. Made of values and not of
  // sizes, so that it can be traced.
  static at::Tensor offsets_of(const at::Tensor& scores) {
    const auto ones = at::ones_like(scores.select(0, 0).select(0, 0), at::kLong);  // [T, S]
    const auto keys = ones.cumsum(1), queries = ones.cumsum(0);
    return (keys - keys.narrow(1, -1, 1)) - (queries - queries.narrow(0, -1, 1));
  }

  const position::AttentionPosition* position_of(Side side) const { return (side == Side::own ? own_position_ : memory_position_).get(); }

  bool turns_keys() const { return (own_position_ && own_position_->turns()) || (memory_position_ && memory_position_->turns()); }

  // Queries [N, H, D] as they meet the keys of a side, [B, H, T, D].
  at::Tensor turned(const at::Tensor& queries, const Layout& layout, Side side) const {
    const auto* position = position_of(side);
    return by_head(position ? position->turned(queries, layout.positions()) : queries, heads_, layout);
  }

  // Which keys are no padding, [B, 1, 1, S]. Keys behind a causal mask need no other: padding stands at the end, and what padded queries
  // see is thrown away.
  static std::optional<at::Tensor> visible(const Sight& sight) {
    if (sight.is_causal || !sight.kept.padding_mask.defined()) return {};
    return sight.kept.padding_mask.logical_not().unsqueeze(1).unsqueeze(2);
  }

  // Kernels know no more of scores than a mask.
  bool changes_scores(Side side) const {
    const auto* position = position_of(side);
    return soft_cap_ > 0 || window_ > 0 || (position && position->adds_to_scores());
  }

  at::Tensor attend_fused(const at::Tensor& queries, const Layout& layout, const Sight& sight) const {
    // The GPU's kernels sum bfloat16 as floats.
    const auto exact = [](const at::Tensor& x) { return x.is_cpu() ? widened(x) : x; };
    const auto heads =
        at::scaled_dot_product_attention(exact(turned(queries, layout, sight.side)), exact(for_all_heads(sight.kept.keys)),
                                         exact(for_all_heads(sight.kept.values)), visible(sight), 0, sight.is_causal, scale_);
    return heads.to(queries.scalar_type());
  }

  at::Tensor attend_plainly(const at::Tensor& queries, const Layout& layout, const std::vector<Sight>& sights, Context& context) const {
    std::vector<at::Tensor> scores, values;
    for (const auto& sight : sights) {
      scores.push_back(scores_of(queries, layout, sight));
      values.push_back(widened(for_all_heads(sight.kept.values)));
    }
    const auto joined = [](const std::vector<at::Tensor>& parts, int64_t dimension) {
      return parts.size() == 1 ? parts[0] : at::cat(parts, dimension);
    };
    const auto weights = joined(scores, 3).softmax(-1);
    if (context.observer) {
      const auto packed = layout.pack(weights.transpose(1, 2).flatten(2)).unflatten(1, {heads_, -1});  // [N, H, S]
      context.observer->see(path(), "weights", packed);
    }
    return at::matmul(sublayer::dropout(weights, dropout_, *this, "weights", context), joined(values, 2)).to(queries.scalar_type());
  }

  // [B, H, T, S]
  at::Tensor scores_of(const at::Tensor& queries, const Layout& layout, const Sight& sight) const {
    const auto* position = position_of(sight.side);
    const bool is_added_to = position && position->adds_to_scores(), has_window = window_ > 0 && sight.side == Side::own;
    const auto scaled = widened(turned(queries, layout, sight.side)) * scale_;
    auto scores = at::matmul(scaled, widened(for_all_heads(sight.kept.keys)).transpose(-2, -1));
    // Finite, so that a padded query with nothing but padding in its window has weights and not NaN.
    const double nothing =
        scores.scalar_type() == at::kDouble ? std::numeric_limits<double>::lowest() : std::numeric_limits<float>::lowest();
    const auto offsets = sight.is_causal || has_window || is_added_to ? offsets_of(scores) : at::Tensor();
    if (is_added_to) scores = scores + position->added_to_scores(scaled, offsets);
    if (soft_cap_ > 0) scores = (scores / soft_cap_).tanh() * soft_cap_;
    if (const auto seen = visible(sight)) scores = scores.masked_fill(seen->logical_not(), nothing);
    if (sight.is_causal) scores = scores.masked_fill(offsets.gt(0), nothing);
    if (has_window) scores = scores.masked_fill(offsets.abs().gt(window_), nothing);
    return scores;
  }

  int64_t heads_, key_value_heads_, d_head_, window_;
  double scale_, dropout_, soft_cap_;
  bool has_bias_, sees_one_side_;
  std::shared_ptr<Linear> query_, key_, value_, gate_, output_;
  std::shared_ptr<norm::Norm> query_norm_, key_norm_;
  std::shared_ptr<position::AttentionPosition> own_position_, memory_position_;
};

SUBLAYER_REGISTER(Attention, MultiHead, "multi_head", "scaled dot-product attention in several heads");

}  // namespace
}  // namespace sublayer::attention
