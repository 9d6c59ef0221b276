// Schedules that keep the rate or lower it over a stated number of updates.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/training/schedule/schedule.h"

namespace sublayer::schedule {
namespace {

struct DecayOptions : WarmupOptions {
  int64_t total_updates = 10000;
  double final_factor = 0;
  void fields(config::Fields& v) override {
    WarmupOptions::fields(v);
    v("total_updates", total_updates, "update at which the rate has fallen; it stays there").otherwise("5000");
    v("final_factor", final_factor, "share of the learning rate that is left then").otherwise("0.5");
  }
  void check(config::Checker& c) const override {
    WarmupOptions::check(c);
    c.require(total_updates > warmup_updates, "total_updates", "must be above warmup_updates");
    c.require(final_factor >= 0 && final_factor <= 1, "final_factor", "must be between 0 and 1");
  }
  // Share of the way from the end of the warm-up to total_updates.
  double done(int64_t update) const {
    return std::clamp(static_cast<double>(update - warmup_updates) / static_cast<double>(total_updates - warmup_updates), 0.0, 1.0);
  }
};

class Constant final : public Schedule {
 public:
  struct Options : WarmupOptions {};
  explicit Constant(const Options& options) : options_(options) {}
  double factor(int64_t update) const override { return options_.warmup(update); }

 private:
  Options options_;
};

class Linear final : public Schedule {
 public:
  struct Options : DecayOptions {};
  explicit Linear(const Options& options) : options_(options) {}
  double factor(int64_t update) const override {
    return options_.warmup(update) * (1 + (options_.final_factor - 1) * options_.done(update));
  }

 private:
  Options options_;
};

// Half a cosine wave down (Loshchilov & Hutter 2017, without restarts).
class Cosine final : public Schedule {
 public:
  struct Options : DecayOptions {};
  explicit Cosine(const Options& options) : options_(options) {}
  double factor(int64_t update) const override {
    const double wave = (1 + std::cos(std::numbers::pi * options_.done(update))) / 2;
    return options_.warmup(update) * (options_.final_factor + (1 - options_.final_factor) * wave);
  }

 private:
  Options options_;
};

// The full rate, then a straight line down over the last updates (Hagele et al. 2024; Hu et al. 2024 fall exponentially): the stable part
// may be prolonged at any time.
class WarmupStableDecay final : public Schedule {
 public:
  struct Options : DecayOptions {
    int64_t decay_updates = 2000;
    void fields(config::Fields& v) override {
      DecayOptions::fields(v);
      v("decay_updates", decay_updates, "updates of the fall that ends at total_updates").otherwise("1000");
    }
    void check(config::Checker& c) const override {
      DecayOptions::check(c);
      c.require(decay_updates > 0, "decay_updates", "must be positive");
      c.require(decay_updates <= total_updates - warmup_updates, "decay_updates", "must fit between warmup_updates and total_updates");
    }
  };
  explicit WarmupStableDecay(const Options& options) : options_(options) {}
  double factor(int64_t update) const override {
    const double left = static_cast<double>(options_.total_updates - update) / static_cast<double>(options_.decay_updates);
    return options_.warmup(update) * (options_.final_factor + (1 - options_.final_factor) * std::clamp(left, 0.0, 1.0));
  }

 private:
  Options options_;
};

SUBLAYER_REGISTER(Schedule, WarmupStableDecay, "warmup_stable_decay", "the full rate, then a straight line down at the end");
SUBLAYER_REGISTER(Schedule, Constant, "constant", "the same rate after the warm-up");
SUBLAYER_REGISTER(Schedule, Linear, "linear", "a straight line down to total_updates");
SUBLAYER_REGISTER(Schedule, Cosine, "cosine", "half a cosine wave down to total_updates");

}  // namespace
}  // namespace sublayer::schedule
