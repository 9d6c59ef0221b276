#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "src/core/config/options.h"

namespace sublayer {
template <class Kind>
class Choice;  // src/core/config/choice.h
}

namespace sublayer::config {

// A path in the user's file system: relative to the file that states it, absolute once read. Empty where none was given.
struct Path {
  std::filesystem::path value;
  bool empty() const { return value.empty(); }
  std::string string() const { return value.string(); }
};

// A positive count, or the word `auto`: the program finds a fitting one.
struct AutoCount {
  std::optional<int64_t> value;
};

std::unique_ptr<Value> bind(bool& field);
std::unique_ptr<Value> bind(int64_t& field);
std::unique_ptr<Value> bind(uint64_t& field);
std::unique_ptr<Value> bind(double& field);
std::unique_ptr<Value> bind(std::string& field);
std::unique_ptr<Value> bind(Path& field);
std::unique_ptr<Value> bind(AutoCount& field);
std::unique_ptr<Value> bind(Options& field);
template <class T>
std::unique_ptr<Value> bind(std::vector<T>& field);
template <class T>
std::unique_ptr<Value> bind(std::optional<T>& field);
template <class Kind>
std::unique_ptr<Value> bind(Choice<Kind>& field);

// A word out of a fixed list.
class Word : public Value {
 public:
  Word(std::string& field, std::vector<std::string> allowed) : field_(field), allowed_(std::move(allowed)) {}
  void read(const Node& node, const Place& place) override;
  Node write(bool) const override { return Node::of(field_); }
  void schema(nlohmann::json& out) const override;
  std::string type() const override;

 private:
  std::string& field_;
  std::vector<std::string> allowed_;
};

// Per-layer options under `layers: {"0": ..., "4-5": ...}`, each on top of the shared `layer` key.
template <class T>
class PerLayer;

// The visitor that an Options struct shows its fields to: v("slope", slope, "factor for negative inputs").otherwise("0.3").
class Fields {
 public:
  template <class T>
  Field& operator()(const char* name, T& field, const char* documentation, Mark mark = Mark::identity) {
    return list.emplace_back(Field{name, documentation, mark, bind(field), ""});
  }
  // A string field that takes one of a few words.
  Field& word(const char* name, std::string& field, std::vector<std::string> allowed, const char* documentation,
              Mark mark = Mark::identity) {
    return list.emplace_back(Field{name, documentation, mark, std::make_unique<Word>(field, std::move(allowed)), ""});
  }
  // `name` is not a field: its value is what each of the `targets` (dotted keys below this map) starts from.
  void starts(const char* name, std::vector<std::string> targets, const char* documentation) {
    templates.push_back({name, documentation, std::move(targets)});
  }
  template <class T>
  Field& per_layer(const char* shared, const char* name, std::vector<T>& layers, const int64_t& count, const char* documentation) {
    return list.emplace_back(
        Field{name, documentation, Mark::identity, std::make_unique<PerLayer<T>>(layers, count, shared, name), shared});
  }
  // Values that a check of the struct's variant starts from, as YAML: what has no default, and what is quicker or fits a small text better.
  void small(std::string yaml) { small_values.push_back(std::move(yaml)); }

  std::vector<Field> list;
  std::vector<Template> templates;
  std::vector<std::string> small_values;
};

// The fields of a struct; the views stay valid as long as the struct does.
Fields fields_of(const Options& options);

// Schemas of compound values, kept out of the templates.
void array_schema(const Value& item, nlohmann::json& out);
void nullable_schema(const Value& value, nlohmann::json& out);
void layers_schema(const Value& layer, nlohmann::json& out);

template <class T>
class ListValue : public Value {
 public:
  explicit ListValue(std::vector<T>& field) : field_(field) {}
  void read(const Node& node, const Place& place) override {
    field_.clear();
    if (node.kind != Node::Kind::sequence) fail(node, place.path, "expected a list, e.g. [a, b]");
    for (size_t i = 0; i < node.items.size(); ++i) {
      T item{};
      bind(item)->read(node.items[i], place.below(std::to_string(i)));
      field_.push_back(std::move(item));
    }
  }
  Node write(bool identity_only) const override {
    Node node;
    node.kind = Node::Kind::sequence;
    for (auto& item : field_) node.items.push_back(bind(item)->write(identity_only));
    return node;
  }
  void schema(nlohmann::json& out) const override {
    T item{};
    array_schema(*bind(item), out);
  }
  std::string type() const override {
    T item{};
    return "list of " + bind(item)->type();
  }

 private:
  std::vector<T>& field_;
};

// A value that may be absent; written as ~ in YAML.
template <class T>
class OptionalValue : public Value {
 public:
  explicit OptionalValue(std::optional<T>& field) : field_(field) {}
  void read(const Node& node, const Place& place) override {
    field_.reset();
    if (node.kind == Node::Kind::null) return;
    T value{};
    bind(value)->read(node, place);
    field_ = std::move(value);
  }
  Node write(bool identity_only) const override { return field_ ? bind(*field_)->write(identity_only) : Node(); }
  void schema(nlohmann::json& out) const override {
    T value{};
    nullable_schema(*bind(value), out);
  }
  std::string type() const override {
    T value{};
    return bind(value)->type() + " or nothing (~)";
  }

 private:
  std::optional<T>& field_;
};

// Splits "4-5" or "3" into a first and last layer; fails with a config error where it is no range within `count`.
std::pair<int64_t, int64_t> layer_range(const std::string& key, int64_t count, const Node& node, const std::string& path);

template <class T>
class PerLayer : public Value {
 public:
  PerLayer(std::vector<T>& layers, const int64_t& count, std::string shared, std::string name)
      : layers_(layers), count_(count), shared_(std::move(shared)), name_(std::move(name)) {}

  // `node` is the whole map: it holds `shared` and `name`. The place is that of the map.
  void read(const Node& node, const Place& place) override {
    layers_.clear();
    const Node* shared = node.find(shared_);
    const Node* particular = node.find(name_);
    if (particular && !particular->is_map())
      fail(*particular, place.below(name_).path, "expected a map such as {\"0\": ..., \"4-5\": ...}");
    for (int64_t i = 0; i < count_; ++i) {
      Node merged = shared ? *shared : Node::map();
      if (particular) {
        for (const auto& [key, value] : particular->entries) {
          const auto [first, last] = layer_range(key, count_, value, place.below(name_).path);
          if (first <= i && i <= last) merged = merge(merged, value);
        }
      }
      T layer{};
      bind(layer)->read(merged, place.below(name_).below(std::to_string(i)));
      layers_.push_back(std::move(layer));
    }
  }

  // Neighbours of one value share an entry: {"0-2": ...}.
  Node write(bool identity_only) const override {
    Node node = Node::map();
    for (const auto& [first, last] : groups())
      node.entries.emplace_back(range_name(first, last), config::write(layers_[first], identity_only));
    return node;
  }
  void describe(const Description& self, std::vector<Description>& out) const override {
    for (const auto& [first, last] : groups()) {
      config::describe(layers_[first], {self.path + "." + range_name(first, last), self.logged_path + "." + std::to_string(first), "", ""},
                       out);
    }
  }
  void schema(nlohmann::json& out) const override {
    T layer{};
    layers_schema(*bind(layer), out);
  }
  std::string type() const override { return "map of layers"; }
  const Options* nested() const override { return layers_.empty() ? nullptr : &layers_.front(); }

 private:
  static std::string range_name(size_t first, size_t last) {
    return first == last ? std::to_string(first) : std::to_string(first) + "-" + std::to_string(last);
  }
  // First and last layer of each run of equal ones.
  std::vector<std::pair<size_t, size_t>> groups() const {
    std::vector<std::pair<size_t, size_t>> list;
    std::string former;
    for (size_t i = 0; i < layers_.size(); ++i) {
      const std::string text = to_yaml(config::write(layers_[i]));
      if (i > 0 && text == former) {
        list.back().second = i;
      } else {
        list.emplace_back(i, i);
      }
      former = text;
    }
    return list;
  }

  std::vector<T>& layers_;
  const int64_t& count_;
  std::string shared_, name_;
};

template <class T>
std::unique_ptr<Value> bind(std::vector<T>& field) {
  return std::make_unique<ListValue<T>>(field);
}
template <class T>
std::unique_ptr<Value> bind(std::optional<T>& field) {
  return std::make_unique<OptionalValue<T>>(field);
}

}  // namespace sublayer::config
