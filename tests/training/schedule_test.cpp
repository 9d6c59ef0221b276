#include "src/training/schedule/schedule.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::schedule {
namespace {

std::shared_ptr<Schedule> schedule(const std::string& yaml) { return test::choice_of<Schedule>(yaml).build(); }

double factor(const std::string& yaml, int64_t update) { return schedule(yaml)->factor(update); }

// Options of every schedule that has a warm-up of 100 updates.
std::string with_warmup(const std::string& name) { return "{type: " + name + ", warmup_updates: 100}"; }

}  // namespace

TEST_CASE("every schedule is positive and finite from the first update on, and steady") {
  for (const auto& name : Registry<Schedule>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto one = schedule(with_warmup(name));
      const double highest = one->factor(100);
      for (int64_t update = 1; update < 5000; ++update) {
        const double value = one->factor(update);
        if (!std::isfinite(value) || value <= 0) FAIL(name << " gives " << value << " at update " << update);
        // No jump, above all not where the warm-up ends.
        if (std::abs(one->factor(update + 1) - value) > 0.011 * highest) FAIL(name << " jumps after update " << update);
      }
    }
  }
}

TEST_CASE("every schedule rises in a straight line to its height at the end of the warm-up, then never above it") {
  for (const auto& name : Registry<Schedule>::instance().names()) {
    DYNAMIC_SECTION(name) {
      const auto one = schedule(with_warmup(name));
      const double highest = one->factor(100);
      for (const int64_t update : {1, 25, 50, 99}) CHECK(one->factor(update) == Approx(highest * static_cast<double>(update) / 100));
      for (int64_t update = 101; update < 20000; update += 97) CHECK(one->factor(update) <= highest);
    }
  }
}

TEST_CASE("constant keeps the full rate") {
  for (const int64_t update : {1, 10, 100000}) CHECK(factor("constant", update) == 1);
  CHECK(factor("{type: constant, warmup_updates: 10}", 5) == 0.5);
  CHECK(factor("{type: constant, warmup_updates: 10}", 10) == 1);
}

TEST_CASE("inverse_sqrt halves the rate at four times the warm-up") {
  const std::string yaml = "{type: inverse_sqrt, warmup_updates: 100}";
  CHECK(factor(yaml, 50) == 0.5);
  CHECK(factor(yaml, 100) == 1);
  CHECK(factor(yaml, 400) == 0.5);
  CHECK(factor(yaml, 10000) == Approx(0.1));
  CHECK(factor("{type: inverse_sqrt, warmup_updates: 1}", 1) == 1);
}

TEST_CASE("noam is inverse_sqrt with the scale of the paper") {
  const std::string yaml = "{type: noam, warmup_updates: 4000, d_model: 512}";
  CHECK(factor(yaml, 4000) == Approx(std::pow(512, -0.5) * std::pow(4000, -0.5)));
  CHECK(factor(yaml, 1) == Approx(std::pow(512, -0.5) * std::pow(4000, -1.5)));
  CHECK(factor(yaml, 16000) == Approx(factor(yaml, 4000) / 2));
  CHECK(factor("noam", 123) == Approx(factor(yaml, 123)));
}

TEST_CASE("linear and cosine reach their final factor and stay there") {
  for (const std::string name : {"linear", "cosine"}) {
    INFO(name);
    const std::string yaml = "{type: " + name + ", total_updates: 1100, warmup_updates: 100, final_factor: 0.2}";
    CHECK(factor(yaml, 100) == 1);
    CHECK(factor(yaml, 600) == Approx(0.6));  // half-way both are half-way down
    CHECK(factor(yaml, 1100) == Approx(0.2));
    CHECK(factor(yaml, 5000) == Approx(0.2));
    CHECK(factor("{type: " + name + ", total_updates: 100}", 100) == Approx(0).margin(1e-12));
  }
  CHECK(factor("{type: linear, total_updates: 1000}", 250) == Approx(0.75));
  CHECK(factor("{type: cosine, total_updates: 1000}", 250) == Approx((1 + std::sqrt(0.5)) / 2));
}

TEST_CASE("warmup_stable_decay keeps the full rate until the fall, which ends at total_updates") {
  const std::string yaml = "{type: warmup_stable_decay, warmup_updates: 100, total_updates: 1100, decay_updates: 200, final_factor: 0.2}";
  CHECK(factor(yaml, 50) == 0.5);
  for (const int64_t update : {100, 500, 900}) CHECK(factor(yaml, update) == 1);
  CHECK(factor(yaml, 1000) == Approx(0.6));
  CHECK(factor(yaml, 1100) == Approx(0.2));
  CHECK(factor(yaml, 5000) == Approx(0.2));
  CHECK(test::refusal_of<Schedule>("{type: warmup_stable_decay, total_updates: 100, decay_updates: 101}") ==
        "test.yaml:1: schedule.decay_updates: must fit between warmup_updates and total_updates");
}

TEST_CASE("schedules that make no sense are refused") {
  CHECK(test::refusal_of<Schedule>("{type: constant, warmup_updates: -1}") == "test.yaml:1: schedule.warmup_updates: must not be negative");
  CHECK(test::refusal_of<Schedule>("{type: inverse_sqrt, warmup_updates: 0}") == "test.yaml:1: schedule.warmup_updates: must be positive");
  CHECK(test::refusal_of<Schedule>("{type: noam, warmup_updates: 0}") == "test.yaml:1: schedule.warmup_updates: must be positive");
  CHECK(test::refusal_of<Schedule>("{type: noam, d_model: 0}") == "test.yaml:1: schedule.d_model: must be positive");
  CHECK(test::refusal_of<Schedule>("{type: linear, total_updates: 50, warmup_updates: 50}") ==
        "test.yaml:1: schedule.total_updates: must be above warmup_updates");
  CHECK(test::refusal_of<Schedule>("{type: cosine, final_factor: 1.5}") == "test.yaml:1: schedule.final_factor: must be between 0 and 1");
}

}  // namespace sublayer::schedule
