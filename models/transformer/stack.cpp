#include "models/transformer/stack.h"

namespace sublayer::transformer {
namespace {

// Shows what a shared layer makes under the number of its depth.
class AtDepth : public Observer {
 public:
  AtDepth(Observer& observer, std::string shared, std::string depth)
      : observer_(observer), shared_(std::move(shared)), depth_(std::move(depth)) {}
  void see(const std::string& module_path, std::string_view what, const at::Tensor& value) override {
    observer_.see(depth_ + module_path.substr(shared_.size()), what, value);
  }

 private:
  Observer& observer_;
  std::string shared_, depth_;
};

}  // namespace

Stack::Stack(const std::vector<const block::LayerOptions*>& layers, const StackPlan& plan) : shares_layers_(plan.shares_layers) {
  const auto& last = *layers.back();
  const residual::StackPlace place{plan.d_model, plan.is_decoder, plan.encoder_layers, plan.decoder_layers, last.norm};
  residual_ = register_module("residual", last.residual.build(place));
  auto list = register_module("layers", std::make_shared<LayerList>(plan.shares_layers ? std::ssize(layers) : 1));
  for (const auto* layer : layers) {
    if (plan.shares_layers && !layers_.empty()) {
      layers_.push_back(layers_.front());
    } else {
      layers_.push_back(layer->block.build(*layer, block::LayerPlace{plan.d_model, plan.is_decoder, *residual_, plan.position}));
      list->register_module(std::to_string(layers_.size() - 1), layers_.back());
    }
  }
}

at::Tensor Stack::forward(const at::Tensor& x, const Layout& layout, const block::Memory* memory, Context& context) {
  residual::Stream stream = residual_->enter(x);
  Observer* const observer = context.observer;
  for (size_t i = 0; i < layers_.size(); ++i) {
    std::optional<AtDepth> at_depth;
    if (observer && shares_layers_)
      context.observer = &at_depth.emplace(*observer, layers_[i]->path(), path() + ".layers." + std::to_string(i));
    stream = layers_[i]->forward(std::move(stream), {layout, memory}, context);
    context.observed(layers_[i]->path(), "output", stream.main);
  }
  context.observer = observer;
  return residual_->leave(stream);
}

at::Tensor Stack::step(const at::Tensor& x, const Layout& layout, std::vector<block::LayerCache>& caches, Context& context) {
  residual::Stream stream = residual_->enter(x);
  for (size_t i = 0; i < layers_.size(); ++i) stream = layers_[i]->forward(std::move(stream), {layout, nullptr, &caches[i]}, context);
  return residual_->leave(stream);
}

std::vector<block::LayerCache> Stack::start(const block::Memory& memory, const Context& context) {
  std::vector<block::LayerCache> caches;
  for (auto& layer : layers_) caches.push_back(layer->start(memory, context));
  return caches;
}

}  // namespace sublayer::transformer
