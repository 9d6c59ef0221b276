#include "src/training/optimizer/optimizer.h"

#include <ATen/ops/zeros.h>

namespace sublayer::optimizer {

Optimizer::Optimizer(const std::vector<ParameterSpec>& parameters) : specs_(parameters) {
  for (const auto& parameter : parameters) parameters_.push_back(parameter.tensor.detach());
}

std::vector<at::Tensor> Optimizer::add_state(const std::string& what) {
  std::vector<at::Tensor> list;
  for (size_t i = 0; i < parameters_.size(); ++i) list.push_back(add_state(i, what, parameters_[i].sizes()));
  return list;
}

at::Tensor Optimizer::add_state(size_t parameter, const std::string& what, at::IntArrayRef shape) {
  state_.emplace_back(specs_[parameter].name + "." + what, at::zeros(shape, parameters_[parameter].options()));
  return state_.back().second;
}

std::vector<size_t> Optimizer::indices(bool decayed) const {
  std::vector<size_t> list;
  for (size_t i = 0; i < specs_.size(); ++i) {
    const bool is_vector = specs_[i].role == Role::gain || specs_[i].role == Role::bias;
    if (is_vector != decayed) list.push_back(i);
  }
  return list;
}

std::vector<at::Tensor> pick(const std::vector<at::Tensor>& tensors, const std::vector<size_t>& indices) {
  std::vector<at::Tensor> list;
  for (const size_t i : indices) list.push_back(tensors[i]);
  return list;
}

}  // namespace sublayer::optimizer
