// B batch, H heads, G heads of keys and values, T queries, S keys, D d_head; N packed tokens.
#include <cmath>
#include <limits>

#include "models/attention/attention.h"
#include "models/dropout.h"
#include "models/linear.h"
#include "models/norm/norm.h"

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
    v.word("scale", scale, {"inverse_sqrt", "none"}, "factor on the scores: 1 / sqrt(d_head), or none (T5)");
    v("key_value_heads", key_value_heads,
      "heads of keys and values, each shared by as many of queries (Ainslie et al. 2023); 0: num_heads");
    v("bias", bias, "whether the projections add a bias");
    v("query_key_norm", query_key_norm, "norm of each head's queries and keys (Henry et al. 2020)");
    v.word("gate", gate, {"none", "head", "element"},
           "sigmoid gate on the heads' results, one for each head or for each of its elements (Qiu et al. 2025)");
    v("soft_cap", soft_cap, "scores s become c tanh(s / c) (Gemma 2); 0 switches it off");
    v("window", window, "farthest distance of a key that is seen, in tokens (Beltagy et al. 2020); 0: any");
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
        is_cross_(place.is_cross) {
    const auto project = [&](const char* name, int64_t outputs, Role role) {
      return register_module(name, std::make_shared<Linear>(place.d_model, outputs, role, options.bias));
    };
    query_ = project("query", heads_ * d_head_, Role::attention_query);
    key_ = project("key", key_value_heads_ * d_head_, Role::attention_key);
    value_ = project("value", key_value_heads_ * d_head_, Role::attention_value);
    if (options.gate != "none") gate_ = project("gate", options.gate == "head" ? heads_ : heads_ * d_head_, Role::attention_gate);
    output_ = register_module("output", std::make_shared<Linear>(heads_ * d_head_, place.d_model, Role::attention_output, options.bias));
    query_norm_ = register_module("query_norm", options.query_key_norm.build(d_head_));
    key_norm_ = register_module("key_norm", options.query_key_norm.build(d_head_));
    position_ = place.position.for_attention({heads_, d_head_, place.is_cross, place.is_decoder});
    if (position_ && !position_->is_shared()) register_module("position", position_);
  }

  KeyValues project(const at::Tensor& states, const Layout& layout) override {
    auto keys = key_norm_->forward(key_->forward(states).unflatten(1, {key_value_heads_, d_head_}));  // [N, G, D]
    // Between two sequences only the distance from the end of the source is known to all queries: the target goes on where the source ends.
    if (position_) keys = position_->turned(keys, is_cross_ ? layout.positions_from_end() : layout.positions());
    const auto values = value_->forward(states).unflatten(1, {key_value_heads_, d_head_});
    return {by_head(keys, key_value_heads_, layout), by_head(values, key_value_heads_, layout), layout.padding_mask()};
  }

  at::Tensor attend(const at::Tensor& x, const Layout& layout, const KeyValues& memory, bool is_causal, Context& context) override {
    auto queries = query_norm_->forward(query_->forward(x).unflatten(1, {heads_, d_head_}));  // [N, H, D]
    if (position_) queries = position_->turned(queries, layout.positions());
    // Keys behind a causal mask need no other: padding stands at the end, and what padded queries see is thrown away.
    std::optional<at::Tensor> visible;  // [B, 1, 1, S]
    if (memory.padding_mask.defined() && !is_causal) visible = memory.padding_mask.logical_not().unsqueeze(1).unsqueeze(2);
    const KeyValues shared{for_all_heads(memory.keys), for_all_heads(memory.values), {}};
    const bool changes_scores = soft_cap_ > 0 || window_ > 0 || (position_ && position_->adds_to_scores());
    const bool is_plain = changes_scores || context.observer || (context.is_training && dropout_ > 0);
    const auto padded = by_head(queries, heads_, layout);  // [B, H, T, D]
    const auto heads = is_plain ? attend_plainly(padded, layout, shared, visible, is_causal, context)
                                : at::scaled_dot_product_attention(padded, shared.keys, shared.values, visible, 0, is_causal, scale_);
    auto result = layout.pack(heads.transpose(1, 2).flatten(2)).unflatten(1, {heads_, d_head_});  // [N, H, D]
    if (gate_) result = result * gate_->forward(x).sigmoid().unflatten(1, {heads_, -1});
    return output_->forward(result.flatten(1));
  }

 private:
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

  // LibTorch's fused kernel falls back to a slow path with dropout inside, and knows no more of scores than a mask; and the noise is ours.
  at::Tensor attend_plainly(const at::Tensor& queries, const Layout& layout, const KeyValues& memory,
                            const std::optional<at::Tensor>& visible, bool is_causal, Context& context) const {
    const auto scaled = queries * scale_;
    auto scores = at::matmul(scaled, memory.keys.transpose(-2, -1));  // [B, H, T, S]
    // Finite, so that a padded query with nothing but padding in its window has weights and not NaN.
    const double nothing =
        scores.scalar_type() == at::kDouble ? std::numeric_limits<double>::lowest() : std::numeric_limits<float>::lowest();
    const bool needs_offsets = is_causal || window_ > 0 || (position_ && position_->adds_to_scores());
    const auto offsets = needs_offsets ? offsets_of(scores) : at::Tensor();
    if (position_ && position_->adds_to_scores()) scores = scores + position_->added_to_scores(scaled, offsets);
    if (soft_cap_ > 0) scores = (scores / soft_cap_).tanh() * soft_cap_;
    if (visible) scores = scores.masked_fill(visible->logical_not(), nothing);
    if (is_causal) scores = scores.masked_fill(offsets.gt(0), nothing);
    if (window_ > 0) scores = scores.masked_fill(offsets.abs().gt(window_), nothing);
    const auto weights = scores.softmax(-1);
    if (context.observer) {
      const auto packed = layout.pack(weights.transpose(1, 2).flatten(2)).unflatten(1, {heads_, -1});  // [N, H, S]
      context.observer->see(path(), "weights", packed);
    }
    return at::matmul(sublayer::dropout(weights, dropout_, *this, "weights", context), memory.values);
  }

  int64_t heads_, key_value_heads_, d_head_, window_;
  double scale_, dropout_, soft_cap_;
  bool is_cross_;
  std::shared_ptr<Linear> query_, key_, value_, gate_, output_;
  std::shared_ptr<norm::Norm> query_norm_, key_norm_;
  std::shared_ptr<position::AttentionPosition> position_;
};

SUBLAYER_REGISTER(Attention, MultiHead, "multi_head", "scaled dot-product attention in several heads");

}  // namespace
}  // namespace sublayer::attention
