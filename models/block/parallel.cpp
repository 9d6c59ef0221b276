#include "models/block/block.h"

namespace sublayer::block {
namespace {

using attention::Attention;
using attention::Sight;

// The sublayers of a layer side by side, under one norm and one skip.
class Sublayers final : public Module {
 public:
  Sublayers(const LayerOptions& layer, const LayerPlace& place) {
    const auto attention = [&](const char* name, const Choice<attention::Attention>& choice, bool is_cross) {
      return register_module(name, choice.build(attention::Place{place.d_model, !is_cross, is_cross, place.is_decoder, place.position}));
    };
    self_attention = attention("self_attention", layer.self_attention, false);
    if (place.is_decoder) cross_attention = attention("cross_attention", layer.cross_attention, true);
    feed_forward = register_module("feed_forward", layer.feed_forward.build(place.d_model));
  }
  std::shared_ptr<attention::Attention> self_attention, cross_attention;
  std::shared_ptr<feed_forward::FeedForward> feed_forward;
};

// x + self_attention(norm(x)) + cross_attention(norm(x)) + feed_forward(norm(x)), or as the residual has it: all sublayers read the same
// (GPT-J, Wang & Komatsuzaki 2021; PaLM, Chowdhery et al. 2022). Half as deep per layer, and its products can be joined.
class Parallel final : public Block {
 public:
  struct Options : BlockOptions {};
  Parallel(const Options&, const LayerOptions& layer, const LayerPlace& place) : is_decoder_(place.is_decoder) {
    body_ = std::make_shared<Sublayers>(layer, place);
    connection_ = connect("parallel", body_, layer, place);
  }

  residual::Stream forward(residual::Stream stream, const LayerCall& call, Context& context) override {
    const auto all = [&](const at::Tensor& x, Context& inner) {
      const auto shown = [&](const Module& module, at::Tensor y) { return inner.observed(module.path(), "output", std::move(y)); };
      const auto attended = [&](Attention& attention, const Sight& sight) {
        return shown(attention, attention.attend(x, call.layout, {sight}, inner));
      };
      auto& self = *body_->self_attention;
      auto sum = attended(self, call.own(self, x, is_decoder_, inner));
      if (is_decoder_) {
        sum = sum + attended(*body_->cross_attention, call.of_memory());
      }
      return sum + shown(*body_->feed_forward, body_->feed_forward->forward(x, inner));
    };
    return connection_->forward(std::move(stream), all, context);
  }

  LayerCache start(const Memory& memory, const Context& context) override {
    return start_cache(*body_->self_attention, *body_->cross_attention, memory, context);
  }

 private:
  bool is_decoder_;
  std::shared_ptr<Sublayers> body_;
  std::shared_ptr<residual::Connection> connection_;
};

SUBLAYER_REGISTER(Block, Parallel, "parallel", "attention and feed-forward side by side, under one norm and one skip");

}  // namespace
}  // namespace sublayer::block
