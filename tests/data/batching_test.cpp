#include "data/batching.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer::test {
namespace {

using data::BatchingOptions;
using data::Dataset;
using data::Update;
using Examples = std::vector<int64_t>;

// Lengths 0 .. 29 on either side, and a few far longer ones.
Dataset random_dataset(int64_t size, uint64_t seed) {
  std::vector<std::vector<int64_t>> sources, targets;
  const Noise noise = Noise(seed)("test");
  for (int64_t i = 0; i < size; ++i) {
    const int64_t source = static_cast<int64_t>(noise("source").below(30, i)) + (i % 97 == 96 ? 300 : 0);
    const int64_t target = static_cast<int64_t>(noise("target").below(30, i)) + (i % 89 == 88 ? 300 : 0);
    sources.emplace_back(source, 7);
    targets.emplace_back(target, 7);
  }
  return {sources, targets};
}

// Of a corpus that fits one window.
std::vector<Update> plan_epoch(const Dataset& dataset, const BatchingOptions& options, const Noise& noise) {
  Examples examples(dataset.size());
  std::iota(examples.begin(), examples.end(), 0);
  return data::plan_updates(dataset, examples, options, noise);
}

BatchingOptions options_of(int64_t tokens_per_update, int64_t max_tokens_per_micro_batch, int64_t pool_examples = 0) {
  BatchingOptions options;
  options.tokens_per_update = tokens_per_update;
  options.max_tokens_per_micro_batch = max_tokens_per_micro_batch;
  options.pool_examples = pool_examples;
  return options;
}

int64_t target_tokens(const Dataset& dataset, const Examples& examples) {
  int64_t tokens = 0;
  for (const int64_t example : examples) tokens += static_cast<int64_t>(dataset.target[example].size()) + 1;
  return tokens;
}

int64_t padded_tokens(const Dataset& dataset, const Examples& examples) {
  int64_t longest = 0;
  for (const int64_t example : examples) longest = std::max({longest, dataset.source[example].size(), dataset.target[example].size()});
  return std::ssize(examples) * (longest + 1);
}

Examples flat(const Update& update) {
  Examples all;
  for (const auto& examples : update.micro_batches) all.insert(all.end(), examples.begin(), examples.end());
  return all;
}

Examples sorted(Examples examples) {
  std::sort(examples.begin(), examples.end());
  return examples;
}

Examples range(int64_t size) {
  Examples all(size);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// Fewest runs of neighbours within the limit, and the least possible largest cost of so many runs: by dynamic programming.
std::pair<int64_t, int64_t> best_cut(const Dataset& dataset, const Examples& examples, int64_t limit) {
  constexpr int64_t infinite = std::numeric_limits<int64_t>::max();
  std::vector<std::pair<int64_t, int64_t>> best(examples.size() + 1, {infinite, infinite});
  best[0] = {0, 0};
  for (size_t end = 1; end <= examples.size(); ++end) {
    for (size_t start = 0; start < end; ++start) {
      const int64_t cost = padded_tokens(dataset, Examples(examples.begin() + start, examples.begin() + end));
      if (cost > limit && end - start > 1) continue;
      best[end] = std::min(best[end], {best[start].first + 1, std::max(best[start].second, cost)});
    }
  }
  return best.back();
}

}  // namespace

TEST_CASE("an epoch takes each example once, whatever the limits") {
  const Dataset dataset = random_dataset(1000, 1);
  for (const auto& options :
       {options_of(400, 100), options_of(1, 1), options_of(100000, 64), options_of(400, 100, 1), options_of(400, 100, 64)}) {
    Examples seen;
    for (const auto& update : plan_epoch(dataset, options, Noise(3))) {
      for (const int64_t example : flat(update)) seen.push_back(example);
    }
    CHECK(sorted(seen) == range(1000));
  }
}

TEST_CASE("updates and micro-batches keep their limits unless one example alone is longer") {
  const Dataset dataset = random_dataset(1000, 2);
  const auto options = GENERATE(options_of(400, 100), options_of(50, 1000), options_of(2000, 33, 100));
  for (const auto& update : plan_epoch(dataset, options, Noise(3))) {
    REQUIRE(update.target_tokens == target_tokens(dataset, flat(update)));
    if (flat(update).size() > 1) REQUIRE(update.target_tokens <= options.tokens_per_update);
    for (const auto& examples : update.micro_batches) {
      REQUIRE(!examples.empty());
      if (examples.size() > 1) REQUIRE(padded_tokens(dataset, examples) <= options.max_tokens_per_micro_batch);
    }
  }
}

TEST_CASE("updates of an epoch hold about equally many tokens, the last one too") {
  const Dataset dataset = random_dataset(1000, 2);
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const auto& update : plan_epoch(dataset, options_of(1500, 500), Noise(3))) least = std::min(least, update.target_tokens);
  CHECK(least > 1000);
}

TEST_CASE("micro-batches are as few as the limit allows, and their largest is as small as that number allows") {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const Dataset dataset = random_dataset(120, seed);
    for (const auto& update : plan_epoch(dataset, options_of(600, 150), Noise(seed))) {
      int64_t largest = 0;
      for (const auto& examples : update.micro_batches) largest = std::max(largest, padded_tokens(dataset, examples));
      const std::pair<int64_t, int64_t> found{update.micro_batches.size(), largest};
      CHECK(found == best_cut(dataset, flat(update), 150));
    }
  }
}

TEST_CASE("an epoch's plan depends on its noise and on nothing else") {
  const Dataset dataset = random_dataset(500, 4);
  const auto plan = [&](uint64_t epoch) {
    std::vector<Examples> updates;
    for (const auto& update : plan_epoch(dataset, options_of(300, 100), Noise(1)("epoch")(epoch))) updates.push_back(flat(update));
    return updates;
  };
  CHECK(plan(1) == plan(1));
  CHECK(plan(1) != plan(2));
}

TEST_CASE("updates come in an order that is not that of length") {
  const Dataset dataset = random_dataset(1000, 5);
  std::vector<int64_t> lengths;
  for (const auto& update : plan_epoch(dataset, options_of(400, 100), Noise(3))) {
    lengths.push_back(static_cast<int64_t>(dataset.source[flat(update).front()].size()));
  }
  CHECK(!std::is_sorted(lengths.begin(), lengths.end()));
  CHECK(!std::is_sorted(lengths.rbegin(), lengths.rend()));
}

TEST_CASE("larger pools pad less, and a pool of one leaves the examples shuffled") {
  const Dataset dataset = random_dataset(2000, 6);
  const auto padding = [&](int64_t pool) {
    const auto options = options_of(300, 300, pool);
    return data::padding_share(dataset, plan_epoch(dataset, options, Noise(3)));
  };
  CHECK(padding(0) < padding(100));
  CHECK(padding(100) < padding(1));

  // Without sorting, an update mixes lengths.
  const auto update = plan_epoch(dataset, options_of(300, 1000, 1), Noise(3)).front();
  std::vector<int64_t> lengths;
  for (const int64_t example : flat(update)) lengths.push_back(dataset.target[example].size());
  CHECK(*std::max_element(lengths.begin(), lengths.end()) >= *std::min_element(lengths.begin(), lengths.end()) + 10);
}

TEST_CASE("padding_share is the share of empty cells in rectangles around each micro-batch") {
  const Dataset dataset{{{9, 9}, {9}}, {{9}, {9, 9, 9}}};  // lengths with end symbols: sources 3 and 2, targets 2 and 4
  CHECK(data::padding_share(dataset, {Update{{{0, 1}}, 6}}) == Approx(1 - 11.0 / 14.0));
  CHECK(data::padding_share(dataset, {Update{{{0}, {1}}, 6}}) == Approx(0).margin(1e-12));
  CHECK(data::padding_share(dataset, {}) == 0);
}

TEST_CASE("evaluation takes each example once, by length, in batches within the limit") {
  const Dataset dataset = random_dataset(700, 7);
  Examples seen;
  int64_t former = 0;
  for (const auto& examples : data::plan_evaluation(dataset, 200)) {
    if (examples.size() > 1) REQUIRE(padded_tokens(dataset, examples) <= 200);
    for (const int64_t example : examples) {
      const int64_t length = padded_tokens(dataset, {example});
      REQUIRE(length >= former);
      former = length;
      seen.push_back(example);
    }
  }
  CHECK(sorted(seen) == range(700));
}

TEST_CASE("a dataset without examples has an epoch without updates") {
  CHECK(plan_epoch(Dataset(), BatchingOptions(), Noise(1)).empty());
  CHECK(data::plan_evaluation(Dataset(), 100).empty());
}

TEST_CASE("batching refuses sizes that make no sense and names the key") {
  const auto refusal = [](const std::string& yaml) {
    return message_of<ConfigError>([&] {
      BatchingOptions options;
      config::ReadLog log;
      config::read(options, config::parse_text(yaml, "test.yaml"), {"training", &log});
    });
  };
  CHECK(refusal("tokens_per_update: 0") == "test.yaml:1: training.tokens_per_update: must be positive");
  CHECK(refusal("max_tokens_per_micro_batch: -1") == "test.yaml:1: training.max_tokens_per_micro_batch: must be positive");
  CHECK(refusal("pool_examples: -1") == "test.yaml:1: training.pool_examples: must not be negative (0 sorts all)");
}

}  // namespace sublayer::test
