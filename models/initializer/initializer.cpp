#include "models/initializer/initializer.h"

#include <ATen/Dispatch.h>

#include <cmath>

namespace sublayer::initializer {

void Initializer::fill(const ParameterSpec& parameter, const Noise& noise) const {
  at::Tensor values = parameter.tensor.detach();
  if (parameter.initial) {
    values.fill_(*parameter.initial);
    return;
  }
  switch (parameter.role) {
    case Role::embedding:
    case Role::position:
      fill_normal(values, 0, 1 / std::sqrt(static_cast<double>(values.size(1))), noise);
      break;
    default:
      fill_matrix(values, parameter, noise);
  }
}

void fill_normal(at::Tensor& tensor, double mean, double deviation, const Noise& noise) {
  const int64_t columns = tensor.size(-1);
  AT_DISPATCH_FLOATING_TYPES(tensor.scalar_type(), "fill_normal", [&] {
    sublayer::fill_normal(noise, mean, deviation, tensor.numel() / columns, columns, tensor.mutable_data_ptr<scalar_t>());
  });
}

void fill_uniform(at::Tensor& tensor, double low, double high, const Noise& noise) {
  const int64_t columns = tensor.size(-1);
  AT_DISPATCH_FLOATING_TYPES(tensor.scalar_type(), "fill_uniform", [&] {
    sublayer::fill_uniform(noise, low, high, tensor.numel() / columns, columns, tensor.mutable_data_ptr<scalar_t>());
  });
}

void initialize(const Module& root, const Initializer& initializer, const Noise& noise) {
  for (const auto& parameter : all_parameters(root)) {
    initializer.fill(parameter, noise(parameter.name));
    double gain = 1;
    for (const auto* module : modules_above(root, parameter.name)) gain *= module->initial_gain(parameter.role);
    if (gain != 1) parameter.tensor.detach().mul_(gain);
  }
}

}  // namespace sublayer::initializer
