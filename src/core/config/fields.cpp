#include "src/core/config/fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "src/core/config/reading.h"
#include "src/core/errors.h"
#include "src/core/suggest.h"

namespace sublayer::config {
namespace {

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

void log_origin(const Node& node, const Place& place) {
  if (!node.origin.source.empty()) place.log->origins.emplace_back(place.path, node.origin);
}

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
      log_origin(*value, below);
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

}  // namespace sublayer::config
