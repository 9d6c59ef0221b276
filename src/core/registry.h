#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/core/config/options.h"

namespace sublayer {

// What is known of a registered variant without knowing its kind.
struct AnyEntry {
  std::string name;
  std::string documentation;
  std::function<std::shared_ptr<config::Options>()> make_options;  // with their defaults
};

struct VariantName {
  std::string kind, name;
  bool operator==(const VariantName&) const = default;
};

// While one exists, it sees what is registered. A name that is taken is noted instead of thrown: no error gets out of the static objects of
// a file that is loaded into the running program.
class RegistrationWatch {
 public:
  RegistrationWatch();
  ~RegistrationWatch();
  RegistrationWatch(const RegistrationWatch&) = delete;
  RegistrationWatch& operator=(const RegistrationWatch&) = delete;

  std::vector<VariantName> added, taken;
};

// The variants of one kind, its type erased: for listing, help and schema.
class AnyRegistry {
 public:
  AnyRegistry(std::string kind, std::string documentation);
  virtual ~AnyRegistry() = default;
  const std::string& kind() const { return kind_; }
  const std::string& documentation() const { return documentation_; }
  virtual const AnyEntry* look_up(const std::string& name) const = 0;
  virtual std::vector<const AnyEntry*> all() const = 0;  // by name
  std::vector<std::string> names() const;

 protected:
  // Whether the name is free to be registered now. Without a watch one that is taken is a std::logic_error.
  bool claim(const std::string& name) const;

 private:
  std::string kind_, documentation_;
};

// Every kind of which at least one variant is registered, by name.
const std::vector<const AnyRegistry*>& all_registries();

namespace detail {
template <class Kind, class Arguments>
struct BuilderOf;
template <class Kind, class... Arguments>
struct BuilderOf<Kind, std::tuple<Arguments...>> {
  using type = std::function<std::shared_ptr<Kind>(const config::Options&, Arguments...)>;
  template <class Class>
  static type make() {
    return [](const config::Options& options, Arguments... arguments) -> std::shared_ptr<Kind> {
      return std::make_shared<Class>(dynamic_cast<const typename Class::Options&>(options), std::forward<Arguments>(arguments)...);
    };
  }
};
}  // namespace detail

// The variants of a kind. A kind is an interface class with three static members:
//   static constexpr const char* kind = "activation";
//   static constexpr const char* kind_documentation = "element-wise function";
//   using Arguments = std::tuple<...>;   // what a variant's constructor takes after its options
template <class Kind>
class Registry : public AnyRegistry {
  using Builders = detail::BuilderOf<Kind, typename Kind::Arguments>;

 public:
  struct Entry : AnyEntry {
    typename Builders::type build;
  };

  static Registry& instance() {
    static Registry registry;
    return registry;
  }

  template <class Class>
  void add(const char* name, const char* documentation) {
    if (!claim(name)) return;
    auto entry = std::make_unique<Entry>();
    entry->name = name;
    entry->documentation = documentation;
    entry->make_options = [] { return std::make_shared<typename Class::Options>(); };
    entry->build = Builders::template make<Class>();
    entries_.push_back(std::move(entry));
  }

  const AnyEntry* look_up(const std::string& name) const override {
    for (const auto& entry : entries_) {
      if (entry->name == name) return entry.get();
    }
    return nullptr;
  }
  const Entry& find(const std::string& name) const {
    if (const AnyEntry* entry = look_up(name)) return static_cast<const Entry&>(*entry);
    throw std::logic_error("no " + kind() + " is registered as '" + name + "'");
  }
  std::vector<const AnyEntry*> all() const override {
    std::vector<const AnyEntry*> list;
    for (const auto& entry : entries_) list.push_back(entry.get());
    std::sort(list.begin(), list.end(), [](const auto* a, const auto* b) { return a->name < b->name; });  // not as the linker found them
    return list;
  }

 private:
  Registry() : AnyRegistry(Kind::kind, Kind::kind_documentation) {}
  std::vector<std::unique_ptr<Entry>> entries_;
};

template <class Kind, class Class>
struct Registration {
  Registration(const char* name, const char* documentation) { Registry<Kind>::instance().template add<Class>(name, documentation); }
};

}  // namespace sublayer

#define SUBLAYER_CONCATENATE_(a, b) a##b
#define SUBLAYER_CONCATENATE(a, b) SUBLAYER_CONCATENATE_(a, b)

// SUBLAYER_REGISTER(Kind, Class, "name_in_yaml", "one line of documentation"): the last line of a variant's file. `Class` has a nested
// `Options` (derived from config::Options) and a constructor `(Options, arguments of the kind...)`.
#define SUBLAYER_REGISTER(Kind, Class, name, documentation) \
  static const ::sublayer::Registration<Kind, Class> SUBLAYER_CONCATENATE(registration_, __COUNTER__)(name, documentation)
