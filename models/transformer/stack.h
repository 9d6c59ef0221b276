#pragma once

#include "models/block/block.h"

namespace sublayer::transformer {

// The layers of an encoder or a decoder.
template <class Layer>
struct StackOptions : config::Options {
  int64_t num_layers = 6;
  std::vector<Layer> layers;
  void fields(config::Fields& v) override {
    v("num_layers", num_layers, "depth");
    v.per_layer("layer", "layers", layers, num_layers,
                "options of single layers or ranges, e.g. {\"0\": ..., \"4-5\": ...}, on top of `layer`");
  }
  void check(config::Checker& c) const override {
    c.require(num_layers > 0, "num_layers", "must be positive");
    for (size_t i = 1; i < layers.size(); ++i) {
      c.require(layers[i].residual.name() == layers[0].residual.name(), "layers." + std::to_string(i) + ".residual",
                "the residual's type belongs to the whole stack: layer 0 has '" + layers[0].residual.name() + "'");
    }
  }
  std::vector<const block::LayerOptions*> list() const {
    std::vector<const block::LayerOptions*> pointers;
    for (const auto& layer : layers) pointers.push_back(&layer);
    return pointers;
  }
};

class Stack : public Module {
 public:
  // `depths`: layers of the encoder and of the decoder.
  Stack(const std::vector<const block::LayerOptions*>& layers, int64_t d_model, bool is_decoder, std::pair<int64_t, int64_t> depths,
        position::Position& position);
  // Packed [N, d_model] -> [N, d_model].
  at::Tensor forward(const at::Tensor& x, const Layout& layout, const block::Memory* memory, Context& context);
  at::Tensor step(const at::Tensor& x, const Layout& layout, std::vector<block::LayerCache>& caches, Context& context);
  std::vector<block::LayerCache> start(const block::Memory& memory);

 private:
  std::shared_ptr<residual::Residual> residual_;
  std::vector<std::shared_ptr<block::Block>> layers_;
};

}  // namespace sublayer::transformer
