#pragma once

#include "models/module.h"
#include "src/core/safetensors.h"
#include "src/training/optimizer/optimizer.h"

namespace sublayer::training {

// An exponential moving average of a model's weights: after update t, a = d a + (1 - d) w with d = min(decay, (1 + t) / (10 + t)), so that
// the first weights are soon forgotten (Polyak & Juditsky 1992; the start as in TensorFlow's ExponentialMovingAverage).
class WeightAverage {
 public:
  // Begins with the model's present weights.
  WeightAverage(const Module& model, double decay);

  void take(int64_t update);

  // Exchanges the averages and the model's weights; a second time puts both back.
  void exchange();

  // The averages by parameter; the tensors are the average's own.
  const NamedTensors& tensors() const { return averages_; }

 private:
  double decay_;
  NamedTensors weights_, averages_;
};

// What a checkpoint keeps: the weights that a model is evaluated with, and what else the training needs to go on.
struct KeptTensors {
  NamedTensors model, training;
};
KeptTensors kept_tensors(const Module& model, const optimizer::Optimizer& optimizer, const WeightAverage* average);

}  // namespace sublayer::training
