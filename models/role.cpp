#include "models/role.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sublayer {
namespace {

const std::vector<std::pair<Role, std::string>>& table() {
  static const std::vector<std::pair<Role, std::string>> roles = {
      {Role::embedding, "embedding"},
      {Role::output_projection, "output_projection"},
      {Role::position, "position"},
      {Role::attention_query, "attention_query"},
      {Role::attention_key, "attention_key"},
      {Role::attention_value, "attention_value"},
      {Role::attention_output, "attention_output"},
      {Role::attention_gate, "attention_gate"},
      {Role::ffn_input, "ffn_input"},
      {Role::ffn_gate, "ffn_gate"},
      {Role::ffn_output, "ffn_output"},
      {Role::gain, "gain"},
      {Role::bias, "bias"},
  };
  return roles;
}

}  // namespace

bool is_matrix(Role role) {
  switch (role) {
    case Role::embedding:
    case Role::position:
    case Role::gain:
    case Role::bias:
      return false;
    default:
      return true;
  }
}

std::string name_of(Role role) {
  const auto entry = std::find_if(table().begin(), table().end(), [&](const auto& pair) { return pair.first == role; });
  if (entry == table().end()) throw std::logic_error("a role without a name");
  return entry->second;
}

std::vector<std::string> role_names() {
  std::vector<std::string> names;
  for (const auto& [role, name] : table()) names.push_back(name);
  return names;
}

}  // namespace sublayer
