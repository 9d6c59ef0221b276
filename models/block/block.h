#pragma once

#include "models/attention/attention.h"
#include "models/feed_forward/feed_forward.h"
#include "models/position/position.h"
#include "models/residual/residual.h"

namespace sublayer::block {

struct LayerOptions;

// What every block's options have.
struct BlockOptions : config::Options {
  // Whether one attention of the decoder looks at both sequences, its own and the encoder's.
  virtual bool merges_attentions() const { return false; }
};

// Packed states of the encoder, [N, d_model], and where they stand.
struct Memory {
  at::Tensor states;
  Layout layout;
};

// What a layer keeps while a target grows token by token.
struct LayerCache {
  attention::KeyValues self, cross;
};

// A layer as its block sees it.
struct LayerPlace {
  int64_t d_model;
  bool is_decoder;
  const residual::Residual& residual;
  position::Position& position;
};

// One pass through a layer. A decoder has a memory, or, while decoding, a cache that holds what it needs of it.
struct LayerCall {
  const Layout& layout;
  const Memory* memory = nullptr;
  LayerCache* cache = nullptr;

  // The sequence itself, of which x [N, d_model] are the states now computed; what was kept of former steps comes first. A decoder's token
  // sees none that comes after it: where x holds more than the latest one, they must be hidden.
  attention::Sight own(attention::Attention& attention, const at::Tensor& x, bool is_decoder, const Context& context) const;
  attention::Sight of_memory() const;
};

// The cache before the first token, with the keys and values of the attentions that look at either side.
LayerCache start_cache(attention::Attention& own, attention::Attention& of_memory, const Memory& memory, const Context& context);

// A layer: its sublayers and their order.
class Block : public Module {
 public:
  static constexpr const char* kind = "block";
  static constexpr const char* kind_documentation = "the sublayers of a layer and their order";
  using Arguments = std::tuple<const LayerOptions&, const LayerPlace&>;

  virtual residual::Stream forward(residual::Stream stream, const LayerCall& call, Context& context) = 0;

  // The cache of a decoder's layer before the first token.
  virtual LayerCache start(const Memory& memory, const Context& context) = 0;

 protected:
  // Registers a body within its connection.
  std::shared_ptr<residual::Connection> connect(const std::string& name, const std::shared_ptr<Module>& body, const LayerOptions& layer,
                                                const LayerPlace& place);

  // The stream after a sublayer whose body does what `pass` does.
  static residual::Stream through(residual::Connection& connection, const Module& body, residual::Stream stream, Context& context,
                                  const residual::Body& pass);
};

// All options of one layer. In YAML `attention` is what its attentions start from.
struct LayerOptions : config::Options {
  Choice<Block> block = "standard";
  Choice<residual::Residual> residual = "post";
  Choice<norm::Norm> norm = "layer_norm";
  double dropout = 0.1;
  residual::BranchOptions branch;
  Choice<attention::Attention> self_attention = "multi_head";
  Choice<attention::Attention> cross_attention = "multi_head";  // of a decoder
  Choice<feed_forward::FeedForward> feed_forward = "dense";
  void fields(config::Fields& v) override {
    v("block", block, "the sublayers and their order").otherwise("parallel");
    v("residual", residual, "where norm and skip stand; one with all its options for all layers of a stack").otherwise("pre");
    v("norm", norm, "normalisation of each sublayer").otherwise("rms_norm");
    v("dropout", dropout, "rate on each sublayer's output; 0 switches it off").otherwise("0.4");
    v("branch", branch, "what is done to each sublayer's output before it joins the stream");
    attention_fields(v);
    v("feed_forward", feed_forward, "position-wise network").otherwise("gated");
  }
  void check(config::Checker& c) const override { c.require(dropout >= 0 && dropout < 1, "dropout", "must be at least 0 and below 1"); }

 protected:
  virtual void attention_fields(config::Fields& v) = 0;
};

struct EncoderLayerOptions : LayerOptions {
 protected:
  void attention_fields(config::Fields& v) override {
    v.starts("attention", {"self_attention"}, "what every attention of the layer starts from");
    v("self_attention", self_attention, "attention within a sequence").otherwise("{num_heads: 4}");
  }
};

struct DecoderLayerOptions : LayerOptions {
 protected:
  void attention_fields(config::Fields& v) override {
    v.starts("attention", {"self_attention", "cross_attention"}, "what every attention of the layer starts from");
    v("self_attention", self_attention, "attention within a sequence").otherwise("{num_heads: 4}");
    v("cross_attention", cross_attention, "attention to the encoder's states").otherwise("{num_heads: 4}");
  }

 public:
  void check(config::Checker& c) const override {
    LayerOptions::check(c);
    if (dynamic_cast<const BlockOptions&>(block.options()).merges_attentions()) {
      c.require(config::yaml_of(cross_attention) == config::yaml_of(self_attention), "cross_attention",
                "is one with self_attention in block " + block.name() + ": state `attention` for both");
      return;
    }
    const auto key = dynamic_cast<const attention::AttentionOptions&>(cross_attention.options()).key_of_self_attention_only();
    c.require(key.empty(), "cross_attention." + key, "has no meaning between two sequences: state it below self_attention");
  }
};

}  // namespace sublayer::block
