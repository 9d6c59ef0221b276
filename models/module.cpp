#include "models/module.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <set>

#include "src/core/path_pattern.h"

namespace sublayer {

void Module::assign_paths() {
  for (const auto& child : named_modules("", /*include_self=*/false)) {
    if (auto* module = dynamic_cast<Module*>(child.value().get())) module->path_ = child.key();
  }
}

at::Tensor Module::add_parameter(const std::string& name, at::IntArrayRef shape, Role role, std::optional<double> initial) {
  auto tensor = register_parameter(name, at::empty(shape));
  specs_.push_back({name, role, tensor, initial});
  return tensor;
}

at::Tensor Module::add_constant(const at::Tensor& values) { return constants_.emplace_back(values); }

void Module::to(at::Device device, bool non_blocking) {
  torch::nn::Module::to(device, non_blocking);
  for (auto& constant : constants_) constant.set_data(constant.to(device));
}

std::vector<ParameterSpec> all_parameters(const Module& root) {
  std::vector<ParameterSpec> list;
  std::set<const void*> seen;
  const auto add = [&](const std::string& path, const Module& module) {
    for (auto spec : module.own_parameters()) {
      if (!seen.insert(spec.tensor.unsafeGetTensorImpl()).second) continue;
      if (!path.empty()) spec.name = path + "." + spec.name;
      list.push_back(std::move(spec));
    }
  };
  add("", root);  // apart: named_modules could only include a root that a shared_ptr owns
  for (const auto& child : root.named_modules("", /*include_self=*/false)) {
    if (const auto* module = dynamic_cast<const Module*>(child.value().get())) add(child.key(), *module);
  }
  return list;
}

std::vector<const Module*> modules_above(const Module& root, const std::string& path) {
  std::vector<const Module*> list;
  const torch::nn::Module* module = &root;
  for (size_t start = 0, dot = path.find('.'); module && dot != std::string::npos; start = dot + 1, dot = path.find('.', start)) {
    const auto children = module->named_children();
    const auto* child = children.find(path.substr(start, dot - start));
    module = child ? child->get() : nullptr;
    if (const auto* ours = dynamic_cast<const Module*>(module)) list.push_back(ours);
  }
  return list;
}

std::vector<std::string> remarks(const Module& root) {
  std::vector<std::string> lines;
  for (const auto& child : root.named_modules("", /*include_self=*/false)) {
    const auto* module = dynamic_cast<const Module*>(child.value().get());
    const auto remark = module ? module->remark() : "";
    const auto line = layer_pattern(child.key()).text + ": " + remark;
    if (!remark.empty() && std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  }
  return lines;
}

}  // namespace sublayer
