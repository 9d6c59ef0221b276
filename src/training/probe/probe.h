#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "src/core/config/choice.h"

namespace sublayer::probe {

// What every probe has: where it is attached, and how often it is taken.
struct ProbeOptions : config::Options {
  std::string modules;
  int64_t every_updates = 100;
  explicit ProbeOptions(const char* modules) : modules(modules) {}
  void fields(config::Fields& v) override {
    v("modules", modules, "paths of modules, e.g. \"encoder.layers.*.feed_forward\"; * stands for anything but dots, ** for anything")
        .otherwise("decoder.**");
    v("every_updates", every_updates, "taken at the first update and then once in so many").otherwise("7");
  }
  void check(config::Checker& c) const override {
    c.require(!modules.empty(), "modules", "must not be empty");
    c.require(every_updates > 0, "every_updates", "must be positive");
  }
};

// A number that is taken of modules while they train, for people to read: no training depends on it.
class Probe {
 public:
  static constexpr const char* kind = "probe";
  static constexpr const char* kind_documentation = "a number that is taken of modules while they train";
  using Arguments = std::tuple<>;

  virtual ~Probe() = default;
  const std::string& modules() const { return modules_; }
  bool is_due(int64_t update) const { return update == 1 || update % every_updates_ == 0; }

 protected:
  explicit Probe(const ProbeOptions& options) : modules_(options.modules), every_updates_(options.every_updates) {}

 private:
  std::string modules_;
  int64_t every_updates_;
};

// Reads what modules show to an observer: the trained weights in a pass without dropout over the update's first micro-batch.
class ActivationProbe : public Probe {
 public:
  // What it reads: "output" [N, d] or "weights" [N, heads, keys].
  virtual std::string_view reads() const = 0;
  virtual double of(const at::Tensor& value) const = 0;

 protected:
  using Probe::Probe;
};

// A parameter in one update.
struct ParameterChange {
  at::Tensor gradient;  // of the mean loss, before clipping
  at::Tensor before, after;
};

// Reads all parameters below a module.
class ParameterProbe : public Probe {
 public:
  virtual double of(const std::vector<ParameterChange>& parameters) const = 0;

 protected:
  using Probe::Probe;
};

}  // namespace sublayer::probe
