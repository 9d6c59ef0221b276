#include "data/epoch.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "tests/support/catch.h"

namespace sublayer::test {
namespace {

using data::Epoch;
using Examples = std::vector<int64_t>;

data::Dataset pairs_of_length_one(int64_t size) {
  const std::vector<std::vector<int64_t>> sentences(size, std::vector<int64_t>{5});
  return {sentences, sentences};
}

data::BatchingOptions in_windows_of(int64_t examples) {
  data::BatchingOptions options;
  options.tokens_per_update = 64;
  options.max_tokens_per_micro_batch = 16;
  options.window_examples = examples;
  return options;
}

Examples examples_of(const std::vector<data::Update>& updates) {
  Examples all;
  for (const auto& update : updates) {
    for (const auto& examples : update.micro_batches) all.insert(all.end(), examples.begin(), examples.end());
  }
  return all;
}

Examples sorted_examples(Examples examples) {
  std::sort(examples.begin(), examples.end());
  return examples;
}

Examples all_below(int64_t size) {
  Examples all(size);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

}  // namespace

TEST_CASE("an epoch has every example once, in windows that are within the limit and even") {
  for (const int64_t size : {1, 2, 999, 1000, 1001, 5000, 10007}) {
    const auto dataset = pairs_of_length_one(size);
    for (const int64_t limit : {1, 7, 1000, 1024, 3073}) {
      if (size / limit > 2000) continue;
      INFO(size << " examples in windows of " << limit);
      const Epoch epoch(dataset, in_windows_of(limit), Noise(1));
      Examples all;
      int64_t least = size, most = 0;
      for (int64_t window = 0; window < epoch.windows(); ++window) {
        const auto examples = examples_of(epoch.plan(window));
        least = std::min(least, std::ssize(examples));
        most = std::max(most, std::ssize(examples));
        all.insert(all.end(), examples.begin(), examples.end());
      }
      CHECK(sorted_examples(all) == all_below(size));
      CHECK(most <= limit);
      CHECK(most - least <= 2 * std::max<int64_t>(1, limit / 1024));
      if (size <= limit) CHECK(epoch.windows() == 1);
    }
  }
}

TEST_CASE("a corpus of one window is planned as a whole") {
  const auto dataset = pairs_of_length_one(500);
  const Epoch epoch(dataset, in_windows_of(500), Noise(3));
  REQUIRE(epoch.windows() == 1);
  CHECK(examples_of(epoch.plan(0)) == examples_of(data::plan_updates(dataset, all_below(500), in_windows_of(1), Noise(3))));
}

TEST_CASE("the windows of an epoch have examples from everywhere, others than those of the next, in an order of their own") {
  const auto dataset = pairs_of_length_one(8000);
  const Epoch first(dataset, in_windows_of(2000), Noise(1)("epoch")(uint64_t{0})),
      second(dataset, in_windows_of(2000), Noise(1)("epoch")(uint64_t{1}));
  REQUIRE(first.windows() == 4);
  const auto a = examples_of(first.plan(0)), b = examples_of(second.plan(0));
  for (int64_t quarter = 0; quarter < 4; ++quarter) {
    const auto count = std::count_if(a.begin(), a.end(), [&](int64_t example) { return example / 2000 == quarter; });
    CHECK((count > 350 && count < 650));
  }
  CHECK(sorted_examples(a) != sorted_examples(b));
  CHECK(examples_of(first.plan(3)) == examples_of(first.plan(3)));

  // Places within the windows are drawn anew, or updates would repeat a pattern.
  const auto place_of_least = [](const Examples& examples) {
    return std::min_element(examples.begin(), examples.end()) - examples.begin();
  };
  std::set<int64_t> places;
  for (int64_t window = 0; window < 4; ++window) places.insert(place_of_least(examples_of(first.plan(window))));
  CHECK(places.size() > 1);
}

TEST_CASE("an epoch without examples has no window") { CHECK(Epoch(data::Dataset(), in_windows_of(10), Noise(1)).windows() == 0); }

}  // namespace sublayer::test
