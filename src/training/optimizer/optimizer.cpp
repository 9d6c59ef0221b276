#include "src/training/optimizer/optimizer.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <set>

#include "src/core/errors.h"
#include "src/core/suggest.h"

namespace sublayer::optimizer {

void GroupOptions::fields(config::Fields& v) {
  v("roles", roles, "what the parameters are for, e.g. [embedding, output_projection]");
  v("learning_rate", learning_rate, "factor on the optimizer's; 0 leaves the parameters as they began");
  v("weight_decay", weight_decay, "instead of the optimizer's, for gains and biases too; ~: as without a group");
}

void GroupOptions::check(config::Checker& c) const {
  c.require(!roles.empty(), "roles", "must not be empty");
  const auto known = role_names();
  for (const auto& role : roles)
    c.require(std::find(known.begin(), known.end(), role) != known.end(), "roles", "unknown role '" + role + "'." + suggest(role, known));
  c.require(learning_rate >= 0, "learning_rate", "must not be negative");
  c.require(!weight_decay || *weight_decay >= 0, "weight_decay", "must not be negative");
}

void OptimizerOptions::check(config::Checker& c) const {
  c.require(learning_rate > 0, "learning_rate", "must be positive");
  c.require(weight_decay >= 0, "weight_decay", "must not be negative");
  std::set<std::string> seen;
  for (const auto& group : groups) {
    for (const auto& role : group.roles) c.require(seen.insert(role).second, "groups", "the role '" + role + "' stands in two places");
  }
}

namespace {

void require_roles(const OptimizerOptions& options, const std::vector<ParameterSpec>& parameters) {
  for (const auto& group : options.groups) {
    for (const auto& role : group.roles) {
      const auto has_role = [&](const auto& parameter) { return name_of(parameter.role) == role; };
      if (std::none_of(parameters.begin(), parameters.end(), has_role))
        throw ConfigError("optimizer.groups: no parameter of the model has the role '" + role + "'");
    }
  }
}

}  // namespace

Optimizer::Optimizer(const OptimizerOptions& options, const std::vector<ParameterSpec>& parameters)
    : learning_rate_(options.learning_rate), specs_(parameters) {
  require_roles(options, parameters);
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Role role = parameters[i].role;
    Setting setting{1, role == Role::gain || role == Role::bias ? 0 : options.weight_decay};
    for (const auto& group : options.groups) {
      if (std::find(group.roles.begin(), group.roles.end(), name_of(role)) != group.roles.end())
        setting = {group.learning_rate, group.weight_decay.value_or(setting.decay)};
    }
    parameters_.push_back(parameters[i].tensor.detach());
    settings_.push_back(setting);
    const auto same = std::find_if(alike_.begin(), alike_.end(), [&](const auto& set) { return settings_[set.front()] == setting; });
    (same == alike_.end() ? alike_.emplace_back() : *same).push_back(i);
  }
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

std::vector<at::Tensor> pick(const std::vector<at::Tensor>& tensors, const std::vector<size_t>& indices) {
  std::vector<at::Tensor> list;
  for (const size_t i : indices) list.push_back(tensors[i]);
  return list;
}

}  // namespace sublayer::optimizer
