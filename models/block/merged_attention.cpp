#include "models/block/block.h"

namespace sublayer::block {
namespace {

using attention::Attention;

// In the decoder one attention, with one softmax and one set of weights, looks at the target so far and at the encoder's states (T5Gemma 2,
// Zhang et al. 2025); then the feed-forward network. An encoder has self-attention, as ever. Half the attention weights of a standard
// decoder layer.
class MergedAttention final : public Block {
 public:
  struct Options : BlockOptions {
    bool merges_attentions() const override { return true; }
  };
  MergedAttention(const Options&, const LayerOptions& layer, const LayerPlace& place) : is_decoder_(place.is_decoder) {
    attention_body_ = layer.self_attention.build(attention::Place{place.d_model, true, is_decoder_, is_decoder_, place.position});
    attention_ = connect("attention", attention_body_, layer, place);
    feed_forward_body_ = layer.feed_forward.build(place.d_model);
    feed_forward_ = connect("feed_forward", feed_forward_body_, layer, place);
  }

  residual::Stream forward(residual::Stream stream, const LayerCall& call, Context& context) override {
    stream = through(*attention_, *attention_body_, std::move(stream), context,
                     [&](const at::Tensor& x, Context& inner) { return attend(x, call, inner); });
    return through(*feed_forward_, *feed_forward_body_, std::move(stream), context,
                   [&](const at::Tensor& x, Context& inner) { return feed_forward_body_->forward(x, inner); });
  }

  LayerCache start(const Memory& memory, const Context& context) override {
    return start_cache(*attention_body_, *attention_body_, memory, context);
  }

 private:
  at::Tensor attend(const at::Tensor& x, const LayerCall& call, Context& context) {
    const auto own = call.own(*attention_body_, x, is_decoder_, context);
    return attention_body_->attend(x, call.layout, is_decoder_ ? std::vector{own, call.of_memory()} : std::vector{own}, context);
  }

  bool is_decoder_;
  std::shared_ptr<Attention> attention_body_;
  std::shared_ptr<feed_forward::FeedForward> feed_forward_body_;
  std::shared_ptr<residual::Connection> attention_, feed_forward_;
};

SUBLAYER_REGISTER(Block, MergedAttention, "merged_attention", "one attention to the target so far and to the encoder's states (T5Gemma 2)");

}  // namespace
}  // namespace sublayer::block
