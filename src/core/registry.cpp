#include "src/core/registry.h"

#include <algorithm>

namespace sublayer {
namespace {

std::vector<const AnyRegistry*>& registries() {
  static std::vector<const AnyRegistry*> list;
  return list;
}

}  // namespace

AnyRegistry::AnyRegistry(std::string kind, std::string documentation) : kind_(std::move(kind)), documentation_(std::move(documentation)) {
  auto& list = registries();
  list.insert(std::upper_bound(list.begin(), list.end(), this, [](const auto* a, const auto* b) { return a->kind() < b->kind(); }), this);
}

std::vector<std::string> AnyRegistry::names() const {
  std::vector<std::string> list;
  for (const auto* entry : all()) list.push_back(entry->name);
  return list;
}

const std::vector<const AnyRegistry*>& all_registries() { return registries(); }

}  // namespace sublayer
