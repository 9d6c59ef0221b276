#pragma once

#include <torch/nn/module.h>

#include <optional>
#include <string>
#include <vector>

#include "models/role.h"

namespace sublayer {

struct ParameterSpec {
  std::string name;  // within its module
  Role role;
  at::Tensor tensor;
  std::optional<double> initial = {};  // every element begins with it; absent: an initializer decides
};

// A parameter that no gradient reaches, by its name below a module, and why mathematics has it so.
struct UnreachableParameter {
  std::string name, reason;
};

// A torch::nn::Module whose parameters have roles and which knows its path in the model ("encoder.layers.0.feed_forward").
class Module : public torch::nn::Module {
 public:
  const std::string& path() const { return path_; }
  const std::vector<ParameterSpec>& own_parameters() const { return specs_; }

  // Factor on the first values of parameters of a role below this module, whatever the initializer.
  virtual double initial_gain(Role) const { return 1; }

  // How many times one pass over the model runs through the module.
  virtual int64_t uses() const { return 1; }

  // What the module worked out by itself, for people: "inner width 341"; empty where nothing.
  virtual std::string remark() const { return ""; }

  // Exceptions to the rule that the gradient reaches every parameter. One that holds no longer is a failure of `sublayer conformance`.
  virtual std::vector<UnreachableParameter> unreachable_parameters() const { return {}; }

  // Gives every module below this one its path.
  void assign_paths();

  using torch::nn::Module::to;
  void to(at::Device device, bool non_blocking = false) override;

 protected:
  // An uninitialised trainable tensor.
  at::Tensor add_parameter(const std::string& name, at::IntArrayRef shape, Role role, std::optional<double> initial = {});

  // A tensor that is neither trained nor stored. It goes where the module goes, but keeps its type.
  at::Tensor add_constant(const at::Tensor& values);

 private:
  std::string path_;
  std::vector<ParameterSpec> specs_;
  std::vector<at::Tensor> constants_;
};

// Every parameter below `root` once, with its full path as name, in the order of registration.
std::vector<ParameterSpec> all_parameters(const Module& root);

// The modules that a path below `root` leads through, outermost first; those that are no Module of ours are left out.
std::vector<const Module*> modules_above(const Module& root, const std::string& path);

// The remarks of all modules below `root`, layers that say the same in one line: "encoder.layers.*.feed_forward.body: inner width 341".
std::vector<std::string> remarks(const Module& root);

}  // namespace sublayer
