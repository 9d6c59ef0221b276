#include "src/decoding/batches.h"

#include "tests/support/catch.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "tests/decoding/random_sentences.h"
#include "tests/support/message_of.h"

namespace sublayer::decoding {
namespace {

using Examples = std::vector<int64_t>;
using test::message_of;

data::Dataset some_pairs() { return {test::random_sentences(30, 6, 11, "source"), test::random_sentences(30, 6, 11, "target")}; }

// The batches in the order in which they are taken.
std::vector<Examples> batches_of(const data::Dataset& dataset, int64_t max_tokens) {
  std::vector<Examples> batches;
  for_each_batch(dataset, {.max_tokens = max_tokens}, [&](const Examples& examples) { batches.push_back(examples); });
  return batches;
}

}  // namespace

TEST_CASE("each example is in one batch, whatever the workers") {
  const auto dataset = some_pairs();
  for (const int workers : {0, 1, 2, 50}) {
    std::mutex mutex;
    Examples seen;
    for_each_batch(dataset, {.workers = workers, .max_tokens = 12}, [&](const Examples& examples) {
      const std::lock_guard lock(mutex);
      seen.insert(seen.end(), examples.begin(), examples.end());
    });
    std::sort(seen.begin(), seen.end());
    REQUIRE(seen.size() == 30);
    for (int64_t i = 0; i < 30; ++i) CHECK(seen[i] == i);
  }
}

TEST_CASE("the longest batches come first") {
  const auto dataset = some_pairs();
  int64_t former = 1000;
  for (const auto& examples : batches_of(dataset, 12)) {
    int64_t longest = 0;
    for (const int64_t example : examples) longest = std::max({longest, dataset.source[example].size(), dataset.target[example].size()});
    CHECK(longest <= former);
    former = longest;
  }
}

TEST_CASE("batches are worked off without gradients, which come back afterwards") {
  REQUIRE(at::GradMode::is_enabled());
  for_each_batch(some_pairs(), {.workers = 3, .max_tokens = 12}, [&](const Examples&) {
    if (at::GradMode::is_enabled()) throw std::logic_error("gradients are on");
  });
  CHECK(at::GradMode::is_enabled());
}

TEST_CASE("of the exceptions of several workers that of the earliest batch reaches the caller") {
  const auto dataset = some_pairs();
  const Examples first = batches_of(dataset, 10).front();
  for (const bool first_is_late : {false, true}) {
    std::latch both_run(2);
    CHECK(message_of<std::runtime_error>([&] {
            for_each_batch(dataset, {.workers = 2, .max_tokens = 10}, [&](const Examples& examples) {
              both_run.arrive_and_wait();
              const bool is_first = examples == first;
              if (is_first == first_is_late) std::this_thread::sleep_for(std::chrono::milliseconds(20));
              throw std::runtime_error(is_first ? "first" : "second");
            });
          }) == "first");
  }
}

TEST_CASE("an exception stops the pass: no further batch is taken") {
  int64_t taken = 0;
  CHECK(message_of<std::runtime_error>([&] {
          for_each_batch(some_pairs(), {.max_tokens = 10}, [&](const Examples&) {
            if (++taken == 2) throw std::runtime_error("enough");
          });
        }) == "enough");
  CHECK(taken == 2);
}

TEST_CASE("a report of progress may stop the pass") {
  const auto stop = [](int64_t, int64_t) { throw std::runtime_error("stop"); };
  for (const int workers : {1, 2}) {
    CHECK(message_of<std::runtime_error>(
              [&] { for_each_batch(some_pairs(), {.workers = workers, .progress = stop}, [](const Examples&) {}); }) == "stop");
  }
}

}  // namespace sublayer::decoding
