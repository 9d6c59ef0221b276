#pragma once

#include "models/block/block.h"

namespace sublayer::transformer {

// The layers of an encoder or a decoder.
template <class Layer>
struct StackOptions : config::Options {
  int64_t num_layers = 6;
  bool share_layers = false;
  std::vector<Layer> layers;
  void fields(config::Fields& v) override {
    v("num_layers", num_layers, "depth").otherwise("3");
    v("share_layers", share_layers, "whether one layer is used at every depth (Universal Transformer, Dehghani et al. 2019)")
        .otherwise("true");
    v.per_layer("layer", "layers", layers, num_layers,
                "options of single layers or ranges, e.g. {\"0\": ..., \"4-5\": ...}, on top of `layer`")
        .otherwise("{\"0\": {norm: rms_norm}}");
  }
  void check(config::Checker& c) const override {
    c.require(num_layers > 0, "num_layers", "must be positive");
    for (size_t i = 1; i < layers.size(); ++i) {
      c.require(!share_layers || config::to_yaml(config::write(layers[i])) == config::to_yaml(config::write(layers[0])), "share_layers",
                "shared layers have the same options, but those of layer " + std::to_string(i) + " differ from those of layer 0");
      c.require(config::yaml_of(layers[i].residual) == config::yaml_of(layers[0].residual), "layers." + std::to_string(i) + ".residual",
                "the residual belongs to the whole stack: layer 0 has " + config::yaml_of(layers[0].residual));
    }
  }
  std::vector<const block::LayerOptions*> list() const {
    std::vector<const block::LayerOptions*> pointers;
    for (const auto& layer : layers) pointers.push_back(&layer);
    return pointers;
  }
};

// What a stack is told beside its layers.
struct StackPlan {
  int64_t d_model;
  bool is_decoder, shares_layers;
  int64_t encoder_layers, decoder_layers;
  position::Position& position;
};

// The layers of a stack by number; one layer alone where all depths share it.
class LayerList : public Module {
 public:
  explicit LayerList(int64_t uses) : uses_(uses) {}
  int64_t uses() const override { return uses_; }

 private:
  int64_t uses_;
};

class Stack : public Module {
 public:
  Stack(const std::vector<const block::LayerOptions*>& layers, const StackPlan& plan);
  // Packed [N, d_model] -> [N, d_model].
  at::Tensor forward(const at::Tensor& x, const Layout& layout, const block::Memory* memory, Context& context);
  at::Tensor step(const at::Tensor& x, const Layout& layout, std::vector<block::LayerCache>& caches, Context& context);
  std::vector<block::LayerCache> start(const block::Memory& memory, const Context& context);

 private:
  bool shares_layers_;
  std::shared_ptr<residual::Residual> residual_;
  std::vector<std::shared_ptr<block::Block>> layers_;
};

}  // namespace sublayer::transformer
