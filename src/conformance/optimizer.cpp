#include "src/training/optimizer/optimizer.h"

#include <ATen/ATen.h>

#include <set>

#include "src/conformance/choice.h"
#include "src/conformance/property.h"
#include "src/conformance/small_update.h"

namespace sublayer::conformance {
namespace {

void check_resuming(const Subject& subject, Findings& findings) {
  const auto choice = choice_of<optimizer::Optimizer>(subject.options);
  const auto first = some_parameters(1), second = some_parameters(7);
  const auto through = choice.build(first), resumed = choice.build(second);
  for (int64_t update = 1; update <= 5; ++update) through->step(some_gradients(update), update, 1);
  for (size_t i = 0; i < first.size(); ++i) at::Tensor(second[i].tensor).copy_(first[i].tensor);
  std::set<std::string> names;
  for (size_t i = 0; i < through->state().size(); ++i) {
    const auto& [name, tensor] = through->state()[i];
    findings.require(names.insert(name).second, "its state holds " + name + " twice");
    findings.require(resumed->state().at(i).first == name, "its state has other names in another object: " + name);
    at::Tensor(resumed->state()[i].second).copy_(tensor);
  }
  for (int64_t update = 6; update <= 10; ++update) {
    through->step(some_gradients(update), update, 1);
    resumed->step(some_gradients(update), update, 1);
  }
  for (size_t i = 0; i < first.size(); ++i) {
    findings.require(first[i].tensor.equal(second[i].tensor),
                     "after the copied state went on, " + first[i].name + " has other values: something is missing in its state");
  }
}

}  // namespace

std::vector<Property> optimizer_properties() {
  return {{"goes on bit for bit from its state and the parameters", {optimizer::Optimizer::kind}, true, check_resuming}};
}

}  // namespace sublayer::conformance
