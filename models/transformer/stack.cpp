#include "models/transformer/stack.h"

#include <torch/nn/modules/container/modulelist.h>

namespace sublayer::transformer {

Stack::Stack(const std::vector<const block::LayerOptions*>& layers, int64_t d_model, bool is_decoder, std::pair<int64_t, int64_t> depths,
             position::Position& position) {
  const auto& last = *layers.back();
  residual_ =
      register_module("residual", last.residual.build(residual::StackPlace{d_model, is_decoder, depths.first, depths.second, last.norm}));
  auto list = register_module("layers", torch::nn::ModuleList());
  for (const auto* layer : layers) {
    layers_.push_back(layer->block.build(*layer, block::LayerPlace{d_model, is_decoder, *residual_, position}));
    list->push_back(layers_.back());
  }
}

at::Tensor Stack::forward(const at::Tensor& x, const Layout& layout, const block::Memory* memory, Context& context) {
  residual::Stream stream = residual_->enter(x);
  for (auto& layer : layers_) {
    stream = layer->forward(std::move(stream), {layout, memory}, context);
    context.observed(layer->path(), "output", stream.main);
  }
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
