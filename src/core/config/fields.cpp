#include "src/core/config/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "src/core/config/choice.h"
#include "src/core/errors.h"
#include "src/core/suggest.h"

namespace sublayer::config {
namespace {

const std::string& scalar_of(const Node& node, const std::string& path, const std::string& expected) {
  if (node.kind == Node::Kind::scalar) return node.scalar;
  const char* given = node.is_map() ? "a map" : node.kind == Node::Kind::sequence ? "a list" : "nothing";
  fail(node, path, "expected " + expected + ", got " + given);
}

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

// Lays every template below its targets, so that what follows only meets plain fields.
Node expand_templates(const Node& node, const Fields& fields) {
  Node expanded = node;
  for (const auto& shared : fields.templates) {
    const Node* value = expanded.find(shared.name);
    if (!value) continue;
    const Node start = *value;
    expanded.erase(shared.name);
    for (const auto& target : shared.targets) {
      Node* at = &expanded;
      std::istringstream keys(target);
      for (std::string key; std::getline(keys, key, '.');) {
        if (at->kind == Node::Kind::null) {
          *at = Node::map();
          at->origin = start.origin;
        }
        at = &at->at(key);
      }
      *at = at->kind == Node::Kind::null ? start : merge(start, *at);
    }
  }
  return expanded;
}

void log_origins(const Node& node, const Place& place) {
  if (!node.origin.source.empty()) place.log->origins.emplace_back(place.path, node.origin);
}

std::string text_of(const ReadLog::Complaint& complaint) {
  const auto before = [](const std::string& text) { return text.empty() ? "" : text + ": "; };
  return before(complaint.origin) + before(complaint.path) + complaint.message;
}

// What one value makes wrong in all that starts from it, such as the layers of both stacks, is told once, of the first.
std::string text_of(const std::vector<ReadLog::Complaint>& complaints) {
  std::set<std::string> told;
  std::string text;
  for (const auto& complaint : complaints) {
    const auto key = complaint.path.substr(complaint.path.rfind('.') + 1);
    if (told.insert(complaint.origin + " " + key + " " + complaint.message).second) text += (text.empty() ? "" : "\n") + text_of(complaint);
  }
  return text;
}

// The place of a complaint is the nearest value above it that somebody stated.
void check(const Options& options, const Node& node, const Place& place) {
  Checker checker;
  options.check(checker);
  for (const auto& complaint : checker.complaints()) {
    const std::string path = place.below(complaint.field).path;
    Node where = node;
    for (std::string above = path; above.size() > place.path.size();) {
      if (const Origin* origin = place.log->find(above)) {
        where.origin = *origin;
        break;
      }
      const auto dot = above.rfind('.');
      above.resize(dot == std::string::npos ? 0 : dot);
    }
    place.log->complaints.push_back({where.origin.source.empty() ? "" : where.origin.text(), path, complaint.message});
  }
}

}  // namespace

const Origin* ReadLog::find(const std::string& path) const {
  for (auto it = origins.rbegin(); it != origins.rend(); ++it) {
    if (it->first == path) return &it->second;
  }
  return nullptr;
}

void fail(const Node& node, const std::string& path, const std::string& message) {
  throw ConfigError(text_of({node.origin.source.empty() ? "" : node.origin.text(), path, message}));
}

Fields fields_of(const Options& options) {
  Fields fields;
  const_cast<Options&>(options).fields(fields);  // the views of a const struct are only written from
  return fields;
}

void read(Options& options, const Node& given, const Place& place) {
  const Fields fields = fields_of(options);
  if (given.kind == Node::Kind::scalar || given.kind == Node::Kind::sequence) fail(given, place.path, "expected a map of keys to values");
  const Node node = expand_templates(given, fields);

  std::vector<std::string> known;
  for (const auto& field : fields.list) {
    known.push_back(field.name);
    if (!field.shared.empty()) known.push_back(field.shared);
  }
  for (const auto& shared : fields.templates) known.push_back(shared.name);
  for (const auto& [key, value] : node.entries) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    if (value.is_inherited) {
      place.log->dropped.push_back(value.origin.text() + ": " + place.below(key).path +
                                   " has no meaning for the variant chosen here; dropped");
      continue;
    }
    fail(value, place.path, "unknown key '" + key + "'." + suggest(key, known));
  }

  const size_t complaints_before = place.log->complaints.size();
  ++place.log->depth;
  for (const auto& field : fields.list) {
    const Place below = place.below(field.name);
    if (!field.shared.empty()) {
      field.value->read(node, place);
    } else if (const Node* value = node.find(field.name)) {
      log_origins(*value, below);
      field.value->read(*value, below);
    } else {
      field.value->complete(below);
    }
  }

  // A check of this struct may count on those of the structs below.
  if (place.log->complaints.size() == complaints_before) check(options, node, place);
  if (--place.log->depth == 0 && !place.log->complaints.empty()) {
    throw ConfigError(text_of(place.log->complaints));
  }
}

Node write(const Options& options, bool identity_only) {
  Node node = Node::map();
  const Fields fields = fields_of(options);
  for (const auto& field : fields.list) {
    if (identity_only && field.mark == Mark::run_time) continue;
    node.entries.emplace_back(field.name, field.value->write(identity_only));
  }
  return node;
}

void schema(const Options& options, nlohmann::json& out) {
  out["type"] = "object";
  out["additionalProperties"] = false;
  auto& properties = out["properties"] = nlohmann::json::object();
  const Fields fields = fields_of(options);
  for (const auto& field : fields.list) {
    auto& property = properties[field.name];
    property["description"] = field.documentation;
    field.value->schema(property);
    if (!field.shared.empty()) properties[field.shared] = property["additionalProperties"];
  }
  for (const auto& shared : fields.templates) {
    // The schema of a template is that of its first target.
    const auto& target = shared.targets.front();
    const nlohmann::json* at = &out;
    std::istringstream keys(target);
    for (std::string key; std::getline(keys, key, '.');) at = &at->at("properties").at(key);
    nlohmann::json copy = *at;
    copy["description"] = shared.documentation;
    properties[shared.name] = std::move(copy);
  }
}

void describe(const Options& options, const Description& self, std::vector<Description>& out) {
  const auto below = [](const std::string& path, const std::string& name) { return path.empty() ? name : path + "." + name; };
  const Fields fields = fields_of(options);
  for (const auto& field : fields.list) {
    field.value->describe({below(self.path, field.name), below(self.logged_path, field.name), "", field.documentation}, out);
  }
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
    log_origins(*name, place.below("type"));
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
