// Schedules that fall with the root of the number of updates.
#include <algorithm>
#include <cmath>

#include "src/training/schedule/schedule.h"

namespace sublayer::schedule {
namespace {

// min(u / w, sqrt(w / u)): the full rate is reached at update w, the end of the warm-up.
class InverseSqrt final : public Schedule {
 public:
  struct Options : WarmupOptions {
    Options() { warmup_updates = 4000; }
    void check(config::Checker& c) const override { c.require(warmup_updates > 0, "warmup_updates", "must be positive"); }
  };
  explicit InverseSqrt(const Options& options) : warmup_(static_cast<double>(options.warmup_updates)) {}
  double factor(int64_t update) const override { return std::min(update / warmup_, std::sqrt(warmup_ / update)); }

 private:
  double warmup_;
};

// d_model^-0.5 * min(u^-0.5, u w^-1.5) (Vaswani et al. 2017); the optimizer's learning rate is a factor on it.
class Noam final : public Schedule {
 public:
  struct Options : WarmupOptions {
    int64_t d_model = 512;
    Options() { warmup_updates = 4000; }
    void fields(config::Fields& v) override {
      WarmupOptions::fields(v);
      v("d_model", d_model, "the width in the formula; usually the model's").otherwise("256");
    }
    void check(config::Checker& c) const override {
      c.require(warmup_updates > 0, "warmup_updates", "must be positive");
      c.require(d_model > 0, "d_model", "must be positive");
    }
  };
  explicit Noam(const Options& options) : options_(options) {}
  double factor(int64_t update) const override {
    const double u = static_cast<double>(update), w = static_cast<double>(options_.warmup_updates);
    return std::min(1 / std::sqrt(u), u / (w * std::sqrt(w))) / std::sqrt(static_cast<double>(options_.d_model));
  }

 private:
  Options options_;
};

SUBLAYER_REGISTER(Schedule, InverseSqrt, "inverse_sqrt", "up in a straight line, then down with the root of the updates");
SUBLAYER_REGISTER(Schedule, Noam, "noam", "inverse_sqrt with the scale of Vaswani et al. 2017");

}  // namespace
}  // namespace sublayer::schedule
