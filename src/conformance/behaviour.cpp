#include "src/conformance/behaviour.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace sublayer::conformance {

void Behaviour::add(const at::Tensor& values) {
  const auto flat = values.detach().to(at::kDouble).contiguous();
  numbers.insert(numbers.end(), flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel());
}

bool are_alike(const Behaviour& a, const Behaviour& b) {
  const auto is_near = [](double x, double y) { return std::abs(x - y) <= 1e-9 * std::max(1.0, std::abs(x)); };
  return a.words == b.words && std::equal(a.numbers.begin(), a.numbers.end(), b.numbers.begin(), b.numbers.end(), is_near);
}

Observe observer_of(const std::string& kind) {
  static const Observers all = [] {
    Observers observers;
    for (auto list : {model_observers(), training_observers(), decoding_observers(), data_observers()}) observers.merge(list);
    return observers;
  }();
  const auto found = all.find(kind);
  return found == all.end() ? Observe() : found->second;
}

}  // namespace sublayer::conformance
