#include "src/conformance/small_update.h"

#include "src/conformance/small_model.h"

namespace sublayer::conformance {
std::vector<ParameterSpec> some_parameters(uint64_t seed) {
  return {{"embedding.weight", Role::embedding, random_tensor(Noise(seed)("embedding"), {4, 3})},
          {"layer.weight", Role::ffn_input, random_tensor(Noise(seed)("weight"), {5, 3})},
          {"layer.bias", Role::bias, random_tensor(Noise(seed)("bias"), {5})},
          {"norm.weight", Role::gain, random_tensor(Noise(seed)("gain"), {5})}};
}

std::vector<at::Tensor> some_gradients(int64_t update) {
  std::vector<at::Tensor> gradients;
  for (const auto& parameter : some_parameters(1)) {
    gradients.push_back(random_tensor(Noise(2)(parameter.name)(static_cast<uint64_t>(update)), parameter.tensor.sizes()));
  }
  return gradients;
}

}  // namespace sublayer::conformance
