#include "src/conformance/property.h"

#include <algorithm>

#include "models/initializer/initializer.h"

namespace sublayer::conformance {
namespace {

// Kinds whose variants are in force while a model runs. An initializer's work is undone by the random parameters.
std::vector<std::string> running_kinds() {
  std::vector<std::string> kinds;
  for (const auto* registry : all_registries()) {
    if (stands_in_model(registry->kind()) && registry->kind() != initializer::Initializer::kind) kinds.push_back(registry->kind());
  }
  return kinds;
}

}  // namespace

bool Property::is_about(const Subject& subject) const {
  return (kinds.empty() || std::find(kinds.begin(), kinds.end(), subject.kind) != kinds.end()) &&
         (is_of_settings || subject.setting.empty());
}

std::vector<Property> all_properties() {
  std::vector<Property> all;
  for (const auto& list : {option_properties(), part_properties(), optimizer_properties()}) all.insert(all.end(), list.begin(), list.end());
  for (const auto& list : {gradient_properties(), path_properties(), noise_properties(), kernel_properties(), observer_properties(),
                           file_properties(), device_properties()}) {
    for (const auto& property : list) {
      const auto check = property.check;
      all.push_back({property.name, running_kinds(), true,
                     [check](const Subject& subject, Findings& findings) { check(builder_of(subject), findings); }});
    }
  }
  return all;
}

}  // namespace sublayer::conformance
