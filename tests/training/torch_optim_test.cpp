#include <ATen/ATen.h>

#include <cstdlib>
#include <filesystem>

#include "src/core/files.h"
#include "src/core/safetensors.h"
#include "src/training/optimizer/optimizer.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::test {

// The other half of tests/interop/test_torch_optim.py: in each folder below SUBLAYER_TEST_DIRECTORY, takes the steps that optimizer.yaml
// and the gradients of start.safetensors ask for, and writes the parameters after each of them.
TEST_CASE("(steps as Python's torch.optim steps)", "[.interop_optim]") {
  const char* root = std::getenv("SUBLAYER_TEST_DIRECTORY");
  REQUIRE(root);
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const auto folder = entry.path();
    INFO(folder.string());
    std::map<std::string, at::Tensor> start;
    for (const auto& [name, tensor] : read_safetensors(folder / "start.safetensors").tensors) start[name] = tensor;
    const auto gradients = [&](const std::string& name) { return start.at("gradients." + name); };  // [steps, ...]
    std::vector<ParameterSpec> parameters;
    for (const auto& [name, role] : {std::pair{"matrix", Role::ffn_input}, {"embedding", Role::embedding}, {"vector", Role::bias}})
      parameters.push_back({name, role, start.at(name).clone()});
    const auto optimizer = choice_of<optimizer::Optimizer>(read_file(folder / "optimizer.yaml")).build(parameters);
    std::map<std::string, std::vector<at::Tensor>> path;
    for (int64_t step = 0; step < gradients("matrix").size(0); ++step) {
      std::vector<at::Tensor> latest;
      for (const auto& parameter : parameters) latest.push_back(gradients(parameter.name)[step].clone());
      optimizer->step(latest, step + 1, 1);
      for (const auto& parameter : parameters) path[parameter.name].push_back(parameter.tensor.clone());
    }
    NamedTensors results;
    for (const auto& [name, tensors] : path) results.emplace_back(name, at::stack(tensors));
    write_safetensors(folder / "path.safetensors", results);
  }
}

}  // namespace sublayer::test
