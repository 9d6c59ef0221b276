#include "data/batching.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace sublayer::data {
namespace {

// Lengths of an example as the model sees it: with the end symbol.
int64_t source_length(const Dataset& dataset, int64_t example) { return static_cast<int64_t>(dataset.source[example].size()) + 1; }
int64_t target_length(const Dataset& dataset, int64_t example) { return static_cast<int64_t>(dataset.target[example].size()) + 1; }

// What a few examples would take in a micro-batch.
struct Extent {
  int64_t examples = 0, target_tokens = 0, longest = 0;
  void add(const Dataset& dataset, int64_t example) {
    ++examples;
    target_tokens += target_length(dataset, example);
    longest = std::max({longest, source_length(dataset, example), target_length(dataset, example)});
  }
};
using Cost = int64_t (*)(const Extent&);
int64_t real_target_tokens(const Extent& extent) { return extent.target_tokens; }
int64_t padded_tokens(const Extent& extent) { return extent.examples * extent.longest; }  // on the side that takes more

using Examples = std::vector<int64_t>;

// Runs of neighbours that cost at most `limit` each, as long as they get; an example that costs more on its own stands alone.
std::vector<Examples> cut_greedily(const Dataset& dataset, const Examples& examples, Cost cost, int64_t limit) {
  std::vector<Examples> runs;
  Extent extent;
  for (const int64_t example : examples) {
    Extent longer = extent;
    longer.add(dataset, example);
    if (runs.empty() || cost(longer) > limit) {
      runs.emplace_back();
      longer = Extent();
      longer.add(dataset, example);
    }
    runs.back().push_back(example);
    extent = longer;
  }
  return runs;
}

// As few runs as `limit` allows, and as even as that number allows: the least limit that needs no more runs. Without this the last run is
// a remnant, and with lengths sorted a remnant of the longest examples.
std::vector<Examples> cut_evenly(const Dataset& dataset, const Examples& examples, Cost cost, int64_t limit) {
  auto runs = cut_greedily(dataset, examples, cost, limit);
  int64_t too_low = 0, enough = limit;
  while (enough - too_low > 1) {
    const int64_t middle = too_low + (enough - too_low) / 2;
    auto other = cut_greedily(dataset, examples, cost, middle);
    if (other.size() > runs.size()) {
      too_low = middle;
    } else {
      enough = middle;
      runs = std::move(other);
    }
  }
  return runs;
}

// Examples of near length become neighbours; equals keep their order.
void sort_by_length(const Dataset& dataset, Examples& examples) {
  const auto key = [&](int64_t example) {
    const int64_t source = source_length(dataset, example), target = target_length(dataset, example);
    return std::tuple(std::max(source, target), source, target);
  };
  std::stable_sort(examples.begin(), examples.end(), [&](int64_t a, int64_t b) { return key(a) < key(b); });
}

}  // namespace

void BatchingOptions::fields(config::Fields& v) {
  v("tokens_per_update", tokens_per_update, "upper bound of an update's real target tokens, end symbols included");
  v("max_tokens_per_micro_batch", max_tokens_per_micro_batch, "upper bound of a micro-batch's padded tokens on either side");
  v("pool_examples", pool_examples,
    "examples sorted by length before they are cut into updates; 0: all, which makes every update a bag of one length; 1: none");
}

void BatchingOptions::check(config::Checker& c) const {
  c.require(tokens_per_update > 0, "tokens_per_update", "must be positive");
  c.require(max_tokens_per_micro_batch > 0, "max_tokens_per_micro_batch", "must be positive");
  c.require(pool_examples >= 0, "pool_examples", "must not be negative (0 sorts the whole epoch)");
}

std::vector<Update> plan_epoch(const Dataset& dataset, const BatchingOptions& options, const Noise& noise) {
  Examples order;
  const Examples permutation = noise("examples").permutation(dataset.size());
  const int64_t pool_size = options.pool_examples > 0 ? options.pool_examples : std::max<int64_t>(dataset.size(), 1);
  for (int64_t start = 0; start < dataset.size(); start += pool_size) {
    Examples pool(permutation.begin() + start, permutation.begin() + std::min(start + pool_size, dataset.size()));
    sort_by_length(dataset, pool);
    order.insert(order.end(), pool.begin(), pool.end());
  }

  auto cuts = cut_evenly(dataset, order, real_target_tokens, options.tokens_per_update);
  std::vector<Update> updates;
  for (const int64_t index : noise("updates").permutation(static_cast<int64_t>(cuts.size()))) {
    Examples& examples = cuts[index];
    sort_by_length(dataset, examples);
    Update& update = updates.emplace_back();
    update.micro_batches = cut_evenly(dataset, examples, padded_tokens, options.max_tokens_per_micro_batch);
    for (const int64_t example : examples) update.target_tokens += target_length(dataset, example);
  }
  return updates;
}

std::vector<std::vector<int64_t>> plan_evaluation(const Dataset& dataset, int64_t max_tokens) {
  Examples examples(dataset.size());
  std::iota(examples.begin(), examples.end(), 0);
  sort_by_length(dataset, examples);
  return cut_greedily(dataset, examples, padded_tokens, max_tokens);
}

double padding_share(const Dataset& dataset, const std::vector<Update>& updates) {
  int64_t real = 0, all = 0;
  for (const auto& update : updates) {
    for (const auto& examples : update.micro_batches) {
      int64_t longest_source = 0, longest_target = 0;
      for (const int64_t example : examples) {
        real += source_length(dataset, example) + target_length(dataset, example);
        longest_source = std::max(longest_source, source_length(dataset, example));
        longest_target = std::max(longest_target, target_length(dataset, example));
      }
      all += static_cast<int64_t>(examples.size()) * (longest_source + longest_target);
    }
  }
  return all == 0 ? 0 : 1 - static_cast<double>(real) / static_cast<double>(all);
}

}  // namespace sublayer::data
