#include "src/core/config/choice.h"

#include <nlohmann/json.hpp>

#include "src/core/config/reading.h"
#include "src/core/suggest.h"

namespace sublayer::config {

void ChoiceValueBase::read(const Node& node, const Place& place) {
  Node map = node;
  if (node.kind == Node::Kind::scalar) {
    map = Node::map();
    map.origin = node.origin;
    map.entries.emplace_back("type", node);
  }
  if (!map.is_map()) fail(node, place.path, "expected the name of a " + type() + ", or a map with a 'type'");
  if (const Node* name = map.find("type")) {
    const auto names = registry_.names();
    const std::string& text = scalar_of(*name, place.below("type").path, "the name of a " + type());
    if (!registry_.look_up(text)) fail(*name, place.path, "unknown " + type() + " '" + text + "'." + suggest(text, names));
    select(text);
    log_origin(*name, place.below("type"));
    map.erase("type");
  } else if (!selected()) {
    fail(node, place.path, "'type' is missing: which " + type() + "?" + suggest("", registry_.names()));
  } else {
    select(*selected());  // options of its own, not those of the default it was copied from
  }
  config::read(options(), map, place);
}

void ChoiceValueBase::complete(const Place& place) {
  if (selected()) config::read(options(), Node::map(), place);
}

Node ChoiceValueBase::write(bool identity_only) const {
  if (!selected()) return Node();
  Node node = config::write(options(), identity_only);
  if (node.entries.empty()) return Node::of(*selected());
  node.entries.insert(node.entries.begin(), {"type", Node::of(*selected())});
  return node;
}

void ChoiceValueBase::describe(const Description& self, std::vector<Description>& out) const {
  const auto* entry = selected() ? registry_.look_up(*selected()) : nullptr;
  const std::string meaning = entry ? ": " + entry->documentation : "";
  out.push_back({self.path, self.logged_path + ".type", entry ? entry->name : "nothing", self.documentation + meaning});
  if (entry) config::describe(options(), {self.path, self.logged_path, "", ""}, out);
}

void ChoiceValueBase::schema(nlohmann::json& out) const {
  auto& alternatives = out["anyOf"] = nlohmann::json::array();
  alternatives.push_back({{"enum", registry_.names()}});
  for (const auto* entry : registry_.all()) {
    nlohmann::json variant;
    config::schema(*entry->make_options(), variant);
    variant["properties"]["type"] = {{"const", entry->name}};
    variant["description"] = entry->documentation;
    alternatives.push_back(std::move(variant));
  }
}

}  // namespace sublayer::config
