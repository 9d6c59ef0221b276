#include "src/core/registry.h"

#include <algorithm>
#include <stdexcept>

namespace sublayer {
namespace {

std::vector<const AnyRegistry*>& registries() {
  static std::vector<const AnyRegistry*> list;
  return list;
}

RegistrationWatch* watch = nullptr;

}  // namespace

RegistrationWatch::RegistrationWatch() { watch = this; }

RegistrationWatch::~RegistrationWatch() { watch = nullptr; }

AnyRegistry::AnyRegistry(std::string kind, std::string documentation) : kind_(std::move(kind)), documentation_(std::move(documentation)) {
  auto& list = registries();
  list.insert(std::upper_bound(list.begin(), list.end(), this, [](const auto* a, const auto* b) { return a->kind() < b->kind(); }), this);
}

std::vector<std::string> AnyRegistry::names() const {
  std::vector<std::string> list;
  for (const auto* entry : all()) list.push_back(entry->name);
  return list;
}

bool AnyRegistry::claim(const std::string& name) const {
  const bool is_taken = look_up(name) != nullptr;
  if (watch) (is_taken ? watch->taken : watch->added).push_back({kind(), name});
  if (is_taken && !watch) throw std::logic_error(kind() + " '" + name + "' is registered twice");
  return !is_taken;
}

const std::vector<const AnyRegistry*>& all_registries() { return registries(); }

}  // namespace sublayer
