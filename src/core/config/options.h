#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/core/config/node.h"

namespace sublayer::config {

class Fields;

// Collects what is wrong with a struct's values; every complaint names the field it is about.
class Checker {
 public:
  void require(bool holds, const std::string& field, const std::string& message) {
    if (!holds) complaints_.push_back({field, message});
  }
  struct Complaint {
    std::string field, message;
  };
  const std::vector<Complaint>& complaints() const { return complaints_; }

 private:
  std::vector<Complaint> complaints_;
};

// A typed struct of options. `fields` is the only list of its fields: reading, writing, help, schema and comparison walk over it.
//   struct Options : config::Options {
//     double slope = 0.01;
//     void fields(config::Fields& v) override { v("slope", slope, "factor for negative inputs"); }
//     void check(config::Checker& c) const override { c.require(slope >= 0, "slope", "must not be negative"); }
//   };
struct Options {
  virtual ~Options() = default;
  virtual void fields(Fields&) {}
  virtual void check(Checker&) const {}
};

// identity: part of what a run is; resuming with another value is refused. run_time: may differ when a run goes on.
enum class Mark { identity, run_time };

// What a reader learns beside the values themselves.
struct ReadLog {
  std::vector<std::pair<std::string, Origin>> origins;  // dotted path of each value that somebody stated
  std::vector<std::string> dropped;                     // one line per inherited key that the present variant does not have
  struct Complaint {
    std::string origin, path, message;  // where it is stated: "file:line", the dotted key
  };
  std::vector<Complaint> complaints;  // of checks
  int64_t depth = 0;                  // of the struct that is being read
  const Origin* find(const std::string& path) const;
};

// A place in the tree while it is read.
struct Place {
  std::string path;  // dotted
  ReadLog* log;
  Place below(const std::string& key) const { return {path.empty() ? key : path + "." + key, log}; }
};

// One effective value for people.
struct Description {
  std::string path;         // dotted; a range of equal layers reads "layers.0-2"
  std::string logged_path;  // the path that a ReadLog knows it by
  std::string value;
  std::string documentation;
};

// A view of one field, its type erased.
class Value {
 public:
  virtual ~Value() = default;
  virtual void read(const Node& node, const Place& place) = 0;
  // Nobody stated anything here: makes what follows from the defaults, such as the layers of a stack.
  virtual void complete(const Place&) {}
  virtual Node write(bool identity_only) const = 0;
  virtual void schema(nlohmann::json& out) const = 0;  // JSON Schema (2020-12)
  virtual std::string type() const = 0;                // for people: "integer", "activation", ...

  // Appends this value, or the values that it is made of; `self` has the paths and the documentation.
  virtual void describe(const Description& self, std::vector<Description>& out) const;

  // The struct whose fields stand below this value, or that each of its layers is like; null where there is none.
  virtual const Options* nested() const { return nullptr; }
};

// Another value of a field than its default, and other fields of the struct that it acts together with, both as YAML.
struct Alternative {
  std::string value, together_with;
};

struct Field {
  std::string name;
  std::string documentation;
  Mark mark;
  std::unique_ptr<Value> value;
  std::string shared;  // name of a second key, read together with this one: what the elements of `name` start from

  // Each is to change what the variant does: `sublayer conformance` looks whether it does. A run-time field needs none.
  std::vector<Alternative> alternatives = {};
  Field& otherwise(std::string value, std::string together_with = "{}") {
    alternatives.push_back({std::move(value), std::move(together_with)});
    return *this;
  }
};

// A key that is no field of its own: what several fields of this map start from.
struct Template {
  std::string name;
  std::string documentation;
  std::vector<std::string> targets;  // dotted
};

[[noreturn]] void fail(const Node& node, const std::string& path, const std::string& message);

// ConfigError with everything that checks refuse, a line for each; what cannot be read at all is told alone and at once.
void read(Options& options, const Node& node, const Place& place);
Node write(const Options& options, bool identity_only = false);
void schema(const Options& options, nlohmann::json& out);
void describe(const Options& options, const Description& self, std::vector<Description>& out);  // `self` has the paths

}  // namespace sublayer::config
