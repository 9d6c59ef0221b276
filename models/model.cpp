#include "models/model.h"

#include <ATen/ATen.h>

#include "models/linear.h"

namespace sublayer {

at::Tensor OutputProjection::logits(const at::Tensor& hidden, const Context& context) const {
  const auto logits = linear(hidden, weight, bias, context);
  return soft_cap > 0 ? (logits / soft_cap).tanh() * soft_cap : logits;
}

std::vector<std::pair<std::string, at::Tensor*>> DecoderState::tensors() {
  std::vector<std::pair<std::string, at::Tensor*>> list;
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::string layer = "layers." + std::to_string(i);
    for (auto [name, cache] : {std::pair{".self.", &layers[i].self}, {".cross.", &layers[i].cross}}) {
      list.emplace_back(layer + name + "keys", &cache->keys);
      list.emplace_back(layer + name + "values", &cache->values);
      list.emplace_back(layer + name + "padding_mask", &cache->padding_mask);
    }
  }
  list.emplace_back("positions", &positions);
  return list;
}

void DecoderState::select(const at::Tensor& rows) {
  for (auto& [name, tensor] : tensors()) {
    if (tensor->defined()) *tensor = tensor->index_select(0, rows);
  }
  if (lineage) lineage->select({rows.const_data_ptr<int64_t>(), static_cast<size_t>(rows.numel())});
}

}  // namespace sublayer
