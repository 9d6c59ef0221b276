#include "src/training/weight_average.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "src/training/checkpoint.h"

namespace sublayer::training {

WeightAverage::WeightAverage(const Module& model, double decay) : decay_(decay), weights_(named_parameters(model)) {
  for (const auto& [name, weight] : weights_) averages_.emplace_back(name, weight.clone());
}

void WeightAverage::take(int64_t update) {
  const double t = static_cast<double>(update), kept = std::min(decay_, (1 + t) / (10 + t));
  for (size_t i = 0; i < weights_.size(); ++i) averages_[i].second.lerp_(weights_[i].second, 1 - kept);
}

void WeightAverage::exchange() {
  for (size_t i = 0; i < weights_.size(); ++i) {
    const auto weight = weights_[i].second.clone();
    weights_[i].second.copy_(averages_[i].second);
    averages_[i].second.copy_(weight);
  }
}

KeptTensors kept_tensors(const Module& model, const optimizer::Optimizer& optimizer, const WeightAverage* average) {
  KeptTensors kept{named_parameters(model), optimizer.state()};
  if (average) {
    for (const auto& [name, weight] : kept.model) kept.training.emplace_back(name + ".unaveraged", weight);
    kept.model = average->tensors();
  }
  return kept;
}

}  // namespace sublayer::training
