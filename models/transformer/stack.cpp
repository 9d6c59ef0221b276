#include "models/transformer/stack.h"

#include <torch/nn/modules/container/modulelist.h>

namespace sublayer::transformer {

Stack::Stack(const std::vector<const block::LayerOptions*>& layers, const StackPlan& plan) {
  const auto& last = *layers.back();
  const residual::StackPlace place{plan.d_model, plan.is_decoder, plan.encoder_layers, plan.decoder_layers, last.norm};
  residual_ = register_module("residual", last.residual.build(place));
  auto list = register_module("layers", torch::nn::ModuleList());
  for (const auto* layer : layers) {
    if (plan.shares_layers && !layers_.empty()) {
      layers_.push_back(layers_.front());
    } else {
      layers_.push_back(layer->block.build(*layer, block::LayerPlace{plan.d_model, plan.is_decoder, *residual_, plan.position}));
      list->push_back(layers_.back());
    }
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
