#include "models/block/block.h"

namespace sublayer::block {
namespace {

using attention::Attention;
using attention::KeyValues;
using attention::Side;
using residual::Stream;

// Self-attention, in a decoder then encoder-decoder attention, then the feed-forward network (Vaswani et al. 2017).
class Standard final : public Block {
 public:
  struct Options : BlockOptions {};
  Standard(const Options&, const LayerOptions& layer, const LayerPlace& place) : is_decoder_(place.is_decoder) {
    const residual::SublayerPlace sublayer{place.d_model, layer.norm, layer.dropout, layer.branch};
    const auto connect = [&](const char* name, const auto& body) {
      auto connection = register_module(name, place.residual.connect(sublayer));
      connection->register_module("body", body);
      return connection;
    };
    self_body_ = layer.self_attention.build(attention::Place{place.d_model, true, false, place.is_decoder, place.position});
    self_ = connect("self_attention", self_body_);
    if (is_decoder_) {
      cross_body_ = layer.cross_attention.build(attention::Place{place.d_model, false, true, true, place.position});
      cross_ = connect("cross_attention", cross_body_);
    }
    feed_forward_body_ = layer.feed_forward.build(place.d_model);
    feed_forward_ = connect("feed_forward", feed_forward_body_);
  }

  Stream forward(Stream stream, const LayerCall& call, Context& context) override {
    stream = self_->forward(
        std::move(stream),
        [&](const at::Tensor& x, Context& inner) {
          const KeyValues seen = call.own(*self_body_, x);
          const bool is_causal = is_decoder_ && call.is_whole();
          return inner.observed(self_body_->path(), "output", self_body_->attend(x, call.layout, {{Side::own, seen, is_causal}}, inner));
        },
        context);
    if (is_decoder_) {
      stream = cross_->forward(
          std::move(stream),
          [&](const at::Tensor& x, Context& inner) {
            const KeyValues memory = call.of_memory(*cross_body_);
            return inner.observed(cross_body_->path(), "output",
                                  cross_body_->attend(x, call.layout, {{Side::memory, memory, false}}, inner));
          },
          context);
    }
    return feed_forward_->forward(
        std::move(stream),
        [&](const at::Tensor& x, Context& inner) {
          return inner.observed(feed_forward_body_->path(), "output", feed_forward_body_->forward(x, inner));
        },
        context);
  }

  LayerCache start(const Memory& memory) override { return start_cache(*self_body_, *cross_body_, memory); }

 private:
  bool is_decoder_;
  std::shared_ptr<Attention> self_body_, cross_body_;
  std::shared_ptr<feed_forward::FeedForward> feed_forward_body_;
  std::shared_ptr<residual::Connection> self_, cross_, feed_forward_;
};

SUBLAYER_REGISTER(Block, Standard, "standard", "self-attention, encoder-decoder attention (decoder only), feed-forward");

}  // namespace
}  // namespace sublayer::block
