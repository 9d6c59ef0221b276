// B batch, H heads, T queries, S keys, D d_head; N packed tokens.
#include <cmath>
#include <limits>

#include "models/attention/attention.h"
#include "models/dropout.h"
#include "models/linear.h"

namespace sublayer::attention {
namespace {

// Concat_h(softmax(Q_h K_h^T / sqrt(D)) V_h) W_o (Vaswani et al. 2017).
class MultiHead final : public Attention {
 public:
  struct Options : AttentionOptions {
    bool bias = true;
    void fields(config::Fields& v) override {
      AttentionOptions::fields(v);
      v("bias", bias, "whether the four projections add a bias");
    }
  };
  MultiHead(const Options& options, int64_t d_model)
      : heads_(options.num_heads), d_head_(d_model / options.num_heads), dropout_(options.dropout) {
    query_ = register_module("query", std::make_shared<Linear>(d_model, d_model, Role::attention_query, options.bias));
    key_ = register_module("key", std::make_shared<Linear>(d_model, d_model, Role::attention_key, options.bias));
    value_ = register_module("value", std::make_shared<Linear>(d_model, d_model, Role::attention_value, options.bias));
    output_ = register_module("output", std::make_shared<Linear>(d_model, d_model, Role::attention_output, options.bias));
  }

  KeyValues project(const at::Tensor& states, const Layout& layout) override {
    return {split(layout.pad(key_->forward(states))), split(layout.pad(value_->forward(states))), layout.padding_mask()};
  }

  at::Tensor attend(const at::Tensor& x, const Layout& layout, const KeyValues& memory, bool is_causal, Context& context) override {
    const auto queries = split(layout.pad(query_->forward(x)));  // [B, H, T, D]
    // Keys behind a causal mask need no other: padding stands at the end, and what padded queries see is thrown away.
    std::optional<at::Tensor> visible;  // [B, 1, 1, S]
    if (memory.padding_mask.defined() && !is_causal) visible = memory.padding_mask.logical_not().unsqueeze(1).unsqueeze(2);
    const bool drops = context.is_training && dropout_ > 0;
    const auto heads = drops || context.observer
                           ? attend_plainly(queries, layout, memory, visible, is_causal, context)
                           : at::scaled_dot_product_attention(queries, memory.keys, memory.values, visible, 0, is_causal);  // [B, H, T, D]
    return output_->forward(layout.pack(heads.transpose(1, 2).flatten(2)));
  }

 private:
  at::Tensor split(const at::Tensor& x) const {
    return x.unflatten(-1, {heads_, d_head_}).transpose(1, 2);
  }  // [B, T, H * D] -> [B, H, T, D]

  // LibTorch's fused kernel falls back to a slow path with dropout inside, and shows no weights; and the noise is ours.
  at::Tensor attend_plainly(const at::Tensor& queries, const Layout& layout, const KeyValues& memory,
                            const std::optional<at::Tensor>& visible, bool is_causal, Context& context) const {
    auto scores = at::matmul(queries * (1 / std::sqrt(static_cast<double>(d_head_))), memory.keys.transpose(-2, -1));  // [B, H, T, S]
    const double minus_infinity = -std::numeric_limits<double>::infinity();
    if (visible) scores = scores.masked_fill(visible->logical_not(), minus_infinity);
    if (is_causal) scores = scores.masked_fill(at::ones({scores.size(2), scores.size(3)}, at::kBool).triu(1), minus_infinity);
    const auto weights = scores.softmax(-1);
    if (context.observer) {
      const auto packed = layout.pack(weights.transpose(1, 2).flatten(2)).unflatten(1, {heads_, -1});  // [N, H, S]
      context.observer->see(path(), "weights", packed);
    }
    return at::matmul(sublayer::dropout(weights, dropout_, *this, "weights", context), memory.values);
  }

  int64_t heads_, d_head_;
  double dropout_;
  std::shared_ptr<Linear> query_, key_, value_, output_;
};

SUBLAYER_REGISTER(Attention, MultiHead, "multi_head", "scaled dot-product attention in several heads");

}  // namespace
}  // namespace sublayer::attention
