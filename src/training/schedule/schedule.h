#pragma once

#include "src/core/config/choice.h"

namespace sublayer::schedule {

// The learning rate over time: a pure function of the number of the update.
class Schedule {
 public:
  static constexpr const char* kind = "schedule";
  static constexpr const char* kind_documentation = "the learning rate over time";
  using Arguments = std::tuple<>;

  virtual ~Schedule() = default;
  virtual double factor(int64_t update) const = 0;  // of the optimizer's learning rate; update counts from 1
};

struct WarmupOptions : config::Options {
  int64_t warmup_updates = 0;
  void fields(config::Fields& v) override {
    v("warmup_updates", warmup_updates, "updates over which the rate rises from 0 in a straight line; 0: none").otherwise("100");
  }
  void check(config::Checker& c) const override { c.require(warmup_updates >= 0, "warmup_updates", "must not be negative"); }

  // Share of the full rate that the warm-up has reached.
  double warmup(int64_t update) const {
    return update < warmup_updates ? static_cast<double>(update) / static_cast<double>(warmup_updates) : 1;
  }
};

}  // namespace sublayer::schedule
