#include "models/block/block.h"

namespace sublayer::block {
namespace {

// The sublayers of a layer side by side, under one norm and one skip.
class Side final : public Module {
 public:
  Side(const LayerOptions& layer, const LayerPlace& place) {
    const auto attention = [&](const char* name, const Choice<attention::Attention>& choice, bool is_cross) {
      return register_module(name, choice.build(attention::Place{place.d_model, is_cross, place.is_decoder, place.position}));
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
  struct Options : config::Options {};
  Parallel(const Options&, const LayerOptions& layer, const LayerPlace& place) : is_decoder_(place.is_decoder) {
    connection_ = register_module("parallel", place.residual.connect({place.d_model, layer.norm, layer.dropout, layer.branch}));
    body_ = connection_->register_module("body", std::make_shared<Side>(layer, place));
  }

  residual::Stream forward(residual::Stream stream, const LayerCall& call, Context& context) override {
    const auto all = [&](const at::Tensor& x, Context& inner) {
      const auto shown = [&](const Module& module, at::Tensor y) { return inner.observed(module.path(), "output", std::move(y)); };
      auto seen = body_->self_attention->project(x, call.layout);
      if (call.cache) seen = call.cache->self = attention::append(call.cache->self, seen);
      const bool is_causal = is_decoder_ && !call.cache;
      auto sum = shown(*body_->self_attention, body_->self_attention->attend(x, call.layout, seen, is_causal, inner));
      if (is_decoder_) {
        const auto& cross = body_->cross_attention;
        const auto memory = call.cache ? call.cache->cross : cross->project(call.memory->states, call.memory->layout);
        sum = sum + shown(*cross, cross->attend(x, call.layout, memory, false, inner));
      }
      return sum + shown(*body_->feed_forward, body_->feed_forward->forward(x, inner));
    };
    return connection_->forward(std::move(stream), all, context);
  }

  LayerCache start(const Memory& memory) override {
    auto none = body_->self_attention->project(memory.states.narrow(0, 0, 0), memory.layout.without_tokens());
    return {{none.keys, none.values, {}}, body_->cross_attention->project(memory.states, memory.layout)};
  }

 private:
  bool is_decoder_;
  std::shared_ptr<Side> body_;
  std::shared_ptr<residual::Connection> connection_;
};

SUBLAYER_REGISTER(Block, Parallel, "parallel", "attention and feed-forward side by side, under one norm and one skip");

}  // namespace
}  // namespace sublayer::block
