#include "models/transformer/stack.h"

#include <torch/nn/modules/container/modulelist.h>

namespace sublayer::transformer {

void StackOptions::check(config::Checker& c) const {
  c.require(num_layers > 0, "num_layers", "must be positive");
  for (size_t i = 1; i < layers.size(); ++i) {
    c.require(layers[i].residual.name() == layers[0].residual.name(), "layers." + std::to_string(i) + ".residual",
              "the residual's type belongs to the whole stack: layer 0 has '" + layers[0].residual.name() + "'");
  }
}

Stack::Stack(const StackOptions& options, int64_t d_model, bool is_decoder) {
  const auto& last = options.layers.back();
  residual_ = register_module("residual", last.residual.build(residual::StackPlace{d_model, options.num_layers, last.norm}));
  auto list = register_module("layers", torch::nn::ModuleList());
  for (const auto& layer : options.layers) {
    layers_.push_back(layer.block.build(layer, block::LayerPlace{d_model, is_decoder, *residual_}));
    list->push_back(layers_.back());
  }
}

at::Tensor Stack::forward(const at::Tensor& x, const Layout& layout, const block::Memory* memory, Context& context) {
  residual::Stream stream = residual_->enter(x);
  for (auto& layer : layers_) stream = layer->forward(std::move(stream), {layout, memory}, context);
  return residual_->leave(stream);
}

at::Tensor Stack::step(const at::Tensor& x, const Layout& layout, std::vector<block::LayerCache>& caches, Context& context) {
  residual::Stream stream = residual_->enter(x);
  for (size_t i = 0; i < layers_.size(); ++i) stream = layers_[i]->forward(std::move(stream), {layout, nullptr, &caches[i]}, context);
  return residual_->leave(stream);
}

std::vector<block::LayerCache> Stack::start(const block::Memory& memory) {
  std::vector<block::LayerCache> caches;
  for (auto& layer : layers_) caches.push_back(layer->start(memory));
  return caches;
}

}  // namespace sublayer::transformer
