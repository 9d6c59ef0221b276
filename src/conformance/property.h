#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/conformance/findings.h"
#include "src/conformance/small_model.h"
#include "src/conformance/subject.h"

namespace sublayer::conformance {

// A sentence about variants, and how it is looked at whether it holds for one of them.
struct Property {
  std::string name;
  std::vector<std::string> kinds;  // that it is about; empty: all
  bool is_of_settings;             // whether it is about every setting, or about a variant as a whole
  std::function<void(const Subject& subject, Findings& findings)> check;

  bool is_about(const Subject& subject) const;
};

// What a model must do whatever its parts are. Tests give the checks models that do not.
struct ModelProperty {
  std::string name;
  void (*check)(const ModelBuilder& build, Findings& findings);
};
std::vector<ModelProperty> gradient_properties();
std::vector<ModelProperty> path_properties();
std::vector<ModelProperty> observer_properties();
std::vector<ModelProperty> noise_properties();
std::vector<ModelProperty> kernel_properties();
std::vector<ModelProperty> file_properties();
std::vector<ModelProperty> device_properties();

// Whether a model computes on a device what it computes on the CPU.
void check_device(const ModelBuilder& build, at::Device device, Findings& findings);

// A micro-batch of training: a loss of the targets, and its gradient for every parameter, undefined where it meets one nowhere.
std::vector<at::Tensor> loss_and_gradients(Seq2SeqModel& model, const Context& context);

std::vector<Property> part_properties();  // of single kinds of a model's parts
std::vector<Property> option_properties();
std::vector<Property> optimizer_properties();

std::vector<Property> all_properties();

}  // namespace sublayer::conformance
