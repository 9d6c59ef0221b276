#include "src/core/config/node.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <set>

#include "src/core/errors.h"

namespace sublayer::config {
namespace {

Node convert(const YAML::Node& yaml, const std::string& source) {
  Node node;
  node.origin = {source, yaml.Mark().line + 1};
  if (yaml.IsScalar()) {
    node.kind = Node::Kind::scalar;
    node.scalar = yaml.Scalar();
  } else if (yaml.IsSequence()) {
    node.kind = Node::Kind::sequence;
    for (const auto& item : yaml) node.items.push_back(convert(item, source));
  } else if (yaml.IsMap()) {
    node.kind = Node::Kind::map;
    std::set<std::string> seen;
    for (const auto& entry : yaml) {
      if (!entry.first.IsScalar()) throw ConfigError(node.origin.text() + ": a key must be a plain word");
      const std::string key = entry.first.Scalar();
      const Origin at{source, entry.first.Mark().line + 1};
      if (!seen.insert(key).second) throw ConfigError(at.text() + ": key '" + key + "' stands twice in the same map; remove one");
      Node value = convert(entry.second, source);
      value.origin = at;
      node.entries.emplace_back(key, std::move(value));
    }
  }
  return node;
}

// The one document that `read` gives; null where there is none. `has_lines`: line numbers mean something to whoever wrote the text.
Node parse(const std::function<std::vector<YAML::Node>()>& read, const std::string& source, bool has_lines) {
  const auto at = [&](const YAML::Mark& mark) { return Origin{source, has_lines ? mark.line + 1 : 0}.text(); };
  try {
    const auto documents = read();
    if (documents.size() > 1) throw ConfigError(at(documents[1].Mark()) + ": a second document starts here; a config is one document");
    if (!documents.empty()) return convert(documents.front(), source);
    Node nothing;
    nothing.origin = {source, 1};
    return nothing;
  } catch (const YAML::Exception& error) {
    throw ConfigError(at(error.mark) + ": not readable as YAML: " + error.msg);
  }
}

// An empty file says nothing, as an empty map does.
Node map_if_empty(Node node) {
  if (node.kind == Node::Kind::null) node.kind = Node::Kind::map;
  return node;
}

void mark_inherited(Node& map) {
  for (auto& [key, value] : map.entries) {
    if (key == "type") continue;
    value.is_inherited = true;
    mark_inherited(value);
  }
}

// `gelu` is short for `{type: gelu}`.
Node as_map(const Node& node) {
  if (node.kind != Node::Kind::scalar) return node;
  Node map = Node::map();
  map.origin = node.origin;
  map.entries.emplace_back("type", node);
  return map;
}

Node load_with_bases(const std::filesystem::path& file, std::vector<std::filesystem::path>& chain) {
  const auto absolute = std::filesystem::weakly_canonical(file);
  if (std::find(chain.begin(), chain.end(), absolute) != chain.end()) {
    throw ConfigError(file.string() + ": base: this file is its own base");
  }
  chain.push_back(absolute);
  Node node = parse_file(file);
  if (!node.is_map()) throw ConfigError(node.origin.text() + ": a config is a map of keys to values");
  const Node* base = node.find("base");
  if (!base) return node;
  if (base->kind != Node::Kind::scalar) throw ConfigError(base->origin.text() + ": base: must be the path of another config");
  const auto base_file = file.parent_path() / base->scalar;
  if (!std::filesystem::is_regular_file(base_file)) {
    throw ConfigError(base->origin.text() + ": base: no file " + base_file.string());
  }
  Node below = load_with_bases(base_file, chain);
  node.erase("base");
  return merge(below, node);
}

void emit(YAML::Emitter& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      out << YAML::Null;
      break;
    case Node::Kind::scalar:
      out << node.scalar;
      break;
    case Node::Kind::sequence:
      out << YAML::Flow << YAML::BeginSeq;
      for (const auto& item : node.items) emit(out, item);
      out << YAML::EndSeq;
      break;
    case Node::Kind::map:
      if (node.entries.empty()) out << YAML::Flow;
      out << YAML::BeginMap;
      for (const auto& [key, value] : node.entries) {
        out << YAML::Key << key << YAML::Value;
        emit(out, value);
      }
      out << YAML::EndMap;
  }
}

void collect(const Node& node, const std::string& path, std::vector<std::pair<std::string, std::string>>& out) {
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  if (node.kind == Node::Kind::map) {
    for (const auto& [key, value] : node.entries) collect(value, below(key), out);
  } else if (node.kind == Node::Kind::sequence) {
    for (size_t i = 0; i < node.items.size(); ++i) collect(node.items[i], below(std::to_string(i)), out);
  } else {
    out.emplace_back(path, node.scalar);
  }
}

}  // namespace

std::string Origin::text() const {
  if (source.empty()) return "default";
  return line > 0 ? source + ":" + std::to_string(line) : source;
}

Node Node::of(std::string scalar) {
  Node node;
  node.kind = Kind::scalar;
  node.scalar = std::move(scalar);
  return node;
}

Node Node::map() {
  Node node;
  node.kind = Kind::map;
  return node;
}

const Node* Node::find(const std::string& key) const {
  for (const auto& entry : entries) {
    if (entry.first == key) return &entry.second;
  }
  return nullptr;
}

Node* Node::find(const std::string& key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node& Node::at(const std::string& key) {
  if (Node* found = find(key)) return *found;
  return entries.emplace_back(key, Node()).second;
}

void Node::erase(const std::string& key) {
  std::erase_if(entries, [&](const auto& entry) { return entry.first == key; });
}

Node parse_file(const std::filesystem::path& file) {
  if (!std::filesystem::is_regular_file(file)) throw ConfigError(file.string() + ": no such file");
  return map_if_empty(parse([&] { return YAML::LoadAllFromFile(file.string()); }, file.string(), true));
}

Node parse_text(const std::string& yaml, const std::string& source) {
  return map_if_empty(parse([&] { return YAML::LoadAll(yaml); }, source, true));
}

Node merge(const Node& base, const Node& over) {
  if (over.kind == Node::Kind::null && base.is_map()) return base;  // a key without anything below it
  const bool maps = base.is_map() && over.is_map();
  // A choice: short on one side, long on the other.
  if (base.is_map() && over.kind == Node::Kind::scalar) return merge(base, as_map(over));
  if (over.is_map() && base.kind == Node::Kind::scalar) return merge(as_map(base), over);
  if (!maps) return over;

  Node merged = base;
  const Node* type = over.find("type");
  const Node* former = base.find("type");
  // An override of a value within is not where the map was stated.
  if (over.origin.line > 0 || type || base.origin.source.empty()) merged.origin = over.origin;
  if (type && !(former && former->scalar == type->scalar)) mark_inherited(merged);
  for (const auto& [key, value] : over.entries) {
    Node& target = merged.at(key);
    target = target.kind == Node::Kind::null ? value : merge(target, value);
    target.is_inherited = value.is_inherited;
  }
  return merged;
}

Node nested(const std::string& path, Node value) {
  std::string rest = path;
  for (size_t dot = rest.rfind('.'); true; dot = rest.rfind('.')) {
    Node outer = Node::map();
    outer.origin = value.origin;
    outer.entries.emplace_back(dot == std::string::npos ? rest : rest.substr(dot + 1), std::move(value));
    value = std::move(outer);
    if (dot == std::string::npos) return value;
    rest.resize(dot);
  }
}

Node parse_override(const std::string& text) {
  const auto equals = text.find('=');
  const std::string source = "--set " + text;
  if (equals == std::string::npos || equals == 0) throw ConfigError(source + ": expected key.path=value");
  Node value = parse([&] { return YAML::LoadAll(text.substr(equals + 1)); }, source, false);
  if (equals + 1 == text.size()) value = Node::of("");
  // A value without lines of its own: the whole override is its origin.
  const std::function<void(Node&)> relabel = [&](Node& node) {
    node.origin = {source, 0};
    for (auto& item : node.items) relabel(item);
    for (auto& entry : node.entries) relabel(entry.second);
  };
  relabel(value);
  return nested(text.substr(0, equals), std::move(value));
}

Node load(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  std::vector<std::filesystem::path> chain;
  Node root = load_with_bases(file, chain);
  for (const auto& text : overrides) root = merge(root, parse_override(text));
  return root;
}

std::string to_yaml(const Node& node) {
  YAML::Emitter out;
  emit(out, node);
  return std::string(out.c_str()) + "\n";
}

std::vector<std::pair<std::string, std::string>> leaves(const Node& node) {
  std::vector<std::pair<std::string, std::string>> out;
  collect(node, "", out);
  return out;
}

}  // namespace sublayer::config
