#include "models/block/block.h"

namespace sublayer::block {
namespace {

using attention::Attention;
using residual::Stream;

// Self-attention, in a decoder then encoder-decoder attention, then the feed-forward network (Vaswani et al. 2017).
class Standard final : public Block {
 public:
  struct Options : BlockOptions {};
  Standard(const Options&, const LayerOptions& layer, const LayerPlace& place) : is_decoder_(place.is_decoder) {
    const auto attention = [&](const Choice<Attention>& choice, bool is_cross) {
      return choice.build(attention::Place{place.d_model, !is_cross, is_cross, place.is_decoder, place.position});
    };
    self_body_ = attention(layer.self_attention, false);
    self_ = connect("self_attention", self_body_, layer, place);
    if (is_decoder_) {
      cross_body_ = attention(layer.cross_attention, true);
      cross_ = connect("cross_attention", cross_body_, layer, place);
    }
    feed_forward_body_ = layer.feed_forward.build(place.d_model);
    feed_forward_ = connect("feed_forward", feed_forward_body_, layer, place);
  }

  Stream forward(Stream stream, const LayerCall& call, Context& context) override {
    stream = through(*self_, *self_body_, std::move(stream), context, [&](const at::Tensor& x, Context& inner) {
      return self_body_->attend(x, call.layout, {call.own(*self_body_, x, is_decoder_, inner)}, inner);
    });
    if (is_decoder_) {
      stream = through(*cross_, *cross_body_, std::move(stream), context,
                       [&](const at::Tensor& x, Context& inner) { return cross_body_->attend(x, call.layout, {call.of_memory()}, inner); });
    }
    return through(*feed_forward_, *feed_forward_body_, std::move(stream), context,
                   [&](const at::Tensor& x, Context& inner) { return feed_forward_body_->forward(x, inner); });
  }

  LayerCache start(const Memory& memory, const Context& context) override {
    return start_cache(*self_body_, *cross_body_, memory, context);
  }

 private:
  bool is_decoder_;
  std::shared_ptr<Attention> self_body_, cross_body_;
  std::shared_ptr<feed_forward::FeedForward> feed_forward_body_;
  std::shared_ptr<residual::Connection> self_, cross_, feed_forward_;
};

SUBLAYER_REGISTER(Block, Standard, "standard", "self-attention, encoder-decoder attention (decoder only), feed-forward");

}  // namespace
}  // namespace sublayer::block
