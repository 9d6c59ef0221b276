#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "src/core/config/reading.h"
#include "src/core/suggest.h"

namespace sublayer::config {
namespace {

// A scalar that knows how to parse and print itself.
template <class T>
class Number : public Value {
 public:
  Number(T& field, const char* name, const char* schema_type) : field_(field), name_(name), schema_type_(schema_type) {}
  void read(const Node& node, const Place& place) override {
    const std::string& text = scalar_of(node, place.path, name_);
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) fail(node, place.path, std::string("expected ") + name_ + ", got '" + text + "'");
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) fail(node, place.path, "expected a finite number, got '" + text + "'");
    }
    field_ = value;
  }
  Node write(bool) const override {
    char buffer[64];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, field_);
    return Node::of(std::string(buffer, end));
  }
  void schema(nlohmann::json& out) const override {
    out["type"] = schema_type_;
    if (std::is_unsigned_v<T>) out["minimum"] = 0;
  }
  std::string type() const override { return schema_type_; }

 private:
  T& field_;
  const char *name_, *schema_type_;
};

class Truth : public Value {
 public:
  explicit Truth(bool& field) : field_(field) {}
  void read(const Node& node, const Place& place) override {
    const std::string& text = scalar_of(node, place.path, "true or false");
    if (text != "true" && text != "false") fail(node, place.path, "expected true or false, got '" + text + "'");
    field_ = text == "true";
  }
  Node write(bool) const override { return Node::of(field_ ? "true" : "false"); }
  void schema(nlohmann::json& out) const override { out["type"] = "boolean"; }
  std::string type() const override { return "true or false"; }

 private:
  bool& field_;
};

class Text : public Value {
 public:
  explicit Text(std::string& field) : field_(field) {}
  void read(const Node& node, const Place& place) override { field_ = scalar_of(node, place.path, "text"); }
  Node write(bool) const override { return Node::of(field_); }
  void schema(nlohmann::json& out) const override { out["type"] = {"string", "number", "boolean"}; }
  std::string type() const override { return "text"; }

 private:
  std::string& field_;
};

class PathValue : public Value {
 public:
  explicit PathValue(Path& field) : field_(field) {}
  void read(const Node& node, const Place& place) override {
    const std::filesystem::path stated = scalar_of(node, place.path, "a path");
    if (stated.empty()) {
      field_.value.clear();
      return;
    }
    const bool in_file = node.origin.line > 0;
    const auto base = in_file ? std::filesystem::absolute(node.origin.source).parent_path() : std::filesystem::current_path();
    field_.value = (base / stated).lexically_normal();
  }
  Node write(bool) const override { return Node::of(field_.string()); }
  void schema(nlohmann::json& out) const override { out["type"] = "string"; }
  std::string type() const override { return "path"; }

 private:
  Path& field_;
};

class AutoCountValue : public Value {
 public:
  explicit AutoCountValue(AutoCount& field) : field_(field) {}
  void read(const Node& node, const Place& place) override {
    field_.value.reset();
    if (node.kind == Node::Kind::scalar && node.scalar == "auto") return;
    int64_t count = 0;
    Number<int64_t>(count, "a whole number or auto", "integer").read(node, place);
    if (count < 1) fail(node, place.path, "must be at least 1, or auto");
    field_.value = count;
  }
  Node write(bool) const override { return Node::of(field_.value ? std::to_string(*field_.value) : "auto"); }
  void schema(nlohmann::json& out) const override {
    out["anyOf"] = nlohmann::json::array({{{"const", "auto"}}, {{"type", "integer"}, {"minimum", 1}}});
  }
  std::string type() const override { return "integer or auto"; }

 private:
  AutoCount& field_;
};

class Struct : public Value {
 public:
  explicit Struct(Options& field) : field_(field) {}
  void read(const Node& node, const Place& place) override { config::read(field_, node, place); }
  void complete(const Place& place) override { config::read(field_, Node::map(), place); }
  Node write(bool identity_only) const override { return config::write(field_, identity_only); }
  void schema(nlohmann::json& out) const override { config::schema(field_, out); }
  std::string type() const override { return "map"; }
  void describe(const Description& self, std::vector<Description>& out) const override { config::describe(field_, self, out); }
  const Options* nested() const override { return &field_; }

 private:
  Options& field_;
};

}  // namespace

const std::string& scalar_of(const Node& node, const std::string& path, const std::string& expected) {
  if (node.kind == Node::Kind::scalar) return node.scalar;
  const char* given = node.is_map() ? "a map" : node.kind == Node::Kind::sequence ? "a list" : "nothing";
  fail(node, path, "expected " + expected + ", got " + given);
}

void Value::describe(const Description& self, std::vector<Description>& out) const {
  std::string text = to_yaml(write(false));
  text.pop_back();
  out.push_back({self.path, self.logged_path, text, self.documentation});
}

std::unique_ptr<Value> bind(bool& field) { return std::make_unique<Truth>(field); }
std::unique_ptr<Value> bind(int64_t& field) { return std::make_unique<Number<int64_t>>(field, "a whole number", "integer"); }
std::unique_ptr<Value> bind(uint64_t& field) {
  return std::make_unique<Number<uint64_t>>(field, "a whole number of at least 0", "integer");
}
std::unique_ptr<Value> bind(double& field) { return std::make_unique<Number<double>>(field, "a number", "number"); }
std::unique_ptr<Value> bind(std::string& field) { return std::make_unique<Text>(field); }
std::unique_ptr<Value> bind(Path& field) { return std::make_unique<PathValue>(field); }
std::unique_ptr<Value> bind(AutoCount& field) { return std::make_unique<AutoCountValue>(field); }
std::unique_ptr<Value> bind(Options& field) { return std::make_unique<Struct>(field); }

void Word::read(const Node& node, const Place& place) {
  const std::string& text = scalar_of(node, place.path, type());
  if (std::find(allowed_.begin(), allowed_.end(), text) == allowed_.end()) {
    fail(node, place.path, "unknown value '" + text + "'." + suggest(text, allowed_));
  }
  field_ = text;
}

void Word::schema(nlohmann::json& out) const { out["enum"] = allowed_; }

std::string Word::type() const {
  std::string text;
  for (const auto& word : allowed_) text += (text.empty() ? "" : "|") + word;
  return text;
}

void array_schema(const Value& item, nlohmann::json& out) {
  out["type"] = "array";
  item.schema(out["items"]);
}

void nullable_schema(const Value& value, nlohmann::json& out) {
  nlohmann::json inner;
  value.schema(inner);
  out["anyOf"] = nlohmann::json::array({std::move(inner), {{"type", "null"}}});
}

void layers_schema(const Value& layer, nlohmann::json& out) {
  out["type"] = "object";
  out["propertyNames"] = {{"pattern", "^[0-9]+(-[0-9]+)?$"}};
  layer.schema(out["additionalProperties"]);
}

std::pair<int64_t, int64_t> layer_range(const std::string& key, int64_t count, const Node& node, const std::string& path) {
  const auto number = [&](const std::string& text) {
    int64_t value = -1;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size() || value < 0) {
      fail(node, path, "'" + key + "' is no layer or range of layers such as \"0\" or \"4-5\"");
    }
    return value;
  };
  const auto dash = key.find('-');
  const int64_t first = number(key.substr(0, dash));
  const int64_t last = dash == std::string::npos ? first : number(key.substr(dash + 1));
  if (last < first) fail(node, path, "'" + key + "': the first layer of a range must not be above the last");
  if (last >= count)
    fail(node, path, "layer " + std::to_string(last) + " does not exist: there are " + std::to_string(count) + " layers, counted from 0");
  return {first, last};
}

}  // namespace sublayer::config
