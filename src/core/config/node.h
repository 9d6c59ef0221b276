#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sublayer::config {

// Where a value was stated: a file and its line, or a command-line override.
struct Origin {
  std::string source;  // file, or "--set key=value"; empty: nobody stated it, it is a default
  int line = 0;        // 1-based; 0 where the source has no lines
  std::string text() const;
};

// An untyped configuration tree in which every value knows its origin. Maps keep the order in which their keys were written.
struct Node {
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  std::string scalar;
  std::vector<Node> items;
  std::vector<std::pair<std::string, Node>> entries;
  Origin origin;
  bool is_inherited = false;  // stated for another variant of a choice; dropped where the present variant lacks the key

  static Node of(std::string scalar);
  static Node map();

  bool is_map() const { return kind == Kind::map; }
  const Node* find(const std::string& key) const;
  Node* find(const std::string& key);
  Node& at(const std::string& key);  // adds a null value where the key is missing
  void erase(const std::string& key);
};

// Reads a YAML file. Duplicate keys, anchors to nowhere and syntax errors are ConfigErrors with file and line.
Node parse_file(const std::filesystem::path& file);
Node parse_text(const std::string& yaml, const std::string& source);

// `over` laid over `base`, key by key; sequences and scalars replace. Where a choice's type changes, what `base` said becomes inherited.
Node merge(const Node& base, const Node& over);

// `value` under the dotted key `path`: nested("a.b", v) is {a: {b: v}}.
Node nested(const std::string& path, Node value);

// What a `key.path=value` override says, as a tree.
Node parse_override(const std::string& text);

// A file with all its `base:` files below it and `key.path=value` overrides on top.
Node load(const std::filesystem::path& file, const std::vector<std::string>& overrides);

// YAML text of a tree; `comment` may add a trailing comment to the value at a dotted path (return an empty string for none).
std::string to_yaml(const Node& node);

// Dotted path and value of every leaf, in order.
std::vector<std::pair<std::string, std::string>> leaves(const Node& node);

}  // namespace sublayer::config
