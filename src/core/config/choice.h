#pragma once

#include <memory>
#include <string>
#include <utility>

#include "src/core/config/fields.h"
#include "src/core/registry.h"

namespace sublayer {

// One variant of a kind together with its options, read and checked as part of a config; `build` makes the object.
// In YAML either `gelu` or `{type: silu, beta: 2}`.
template <class Kind>
class Choice {
 public:
  using kind_type = Kind;

  Choice() = default;
  Choice(const char* name) { select(Registry<Kind>::instance().find(name)); }  // NOLINT: a default reads like its YAML

  void select(const typename Registry<Kind>::Entry& entry) {
    entry_ = &entry;
    options_ = entry.make_options();
  }
  bool empty() const { return entry_ == nullptr; }
  const std::string& name() const { return entry_->name; }
  const config::Options& options() const { return *options_; }
  config::Options& options() { return *options_; }

  // `arguments` are those that the kind's variants take after their options.
  template <class... Arguments>
  std::shared_ptr<Kind> build(Arguments&&... arguments) const {
    return entry_->build(*options_, std::forward<Arguments>(arguments)...);
  }

 private:
  const typename Registry<Kind>::Entry* entry_ = nullptr;
  std::shared_ptr<config::Options> options_;
};

namespace config {

// How a choice is read and written, for any kind.
class ChoiceValueBase : public Value {
 public:
  explicit ChoiceValueBase(const AnyRegistry& registry) : registry_(registry) {}
  void read(const Node& node, const Place& place) override;
  void complete(const Place& place) override;
  Node write(bool identity_only) const override;
  void schema(nlohmann::json& out) const override;
  std::string type() const override { return registry_.kind(); }
  void describe(const Description& self, std::vector<Description>& out) const override;

 protected:
  virtual void select(const std::string& name) = 0;
  virtual const std::string* selected() const = 0;
  virtual Options& options() const = 0;

 private:
  const AnyRegistry& registry_;
};

template <class Kind>
class ChoiceValue : public ChoiceValueBase {
 public:
  explicit ChoiceValue(Choice<Kind>& field) : ChoiceValueBase(Registry<Kind>::instance()), field_(field) {}

 protected:
  void select(const std::string& name) override { field_.select(Registry<Kind>::instance().find(name)); }
  const std::string* selected() const override { return field_.empty() ? nullptr : &field_.name(); }
  Options& options() const override { return field_.options(); }

 private:
  Choice<Kind>& field_;
};

template <class Kind>
std::unique_ptr<Value> bind(Choice<Kind>& field) {
  return std::make_unique<ChoiceValue<Kind>>(field);
}

// The variant and its options in one line, as they would be stated.
template <class Kind>
std::string yaml_of(Choice<Kind> choice) {
  std::string text = to_yaml(bind(choice)->write(false));
  while (text.ends_with('\n')) text.pop_back();
  for (size_t end; (end = text.find('\n')) != std::string::npos;) text.replace(end, 1, ", ");
  return text;
}

}  // namespace config
}  // namespace sublayer
