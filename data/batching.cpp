#include "data/batching.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace sublayer::data {
namespace {

// Lengths of examples as the model sees them: with the end symbol. Planning looks at them many times, and works on places in such a list.
struct Lengths {
  int64_t source, target;
  int64_t longer() const { return std::max(source, target); }
};
Lengths lengths_of(const Dataset& dataset, int64_t example) {
  return {dataset.source[example].size() + 1, dataset.target[example].size() + 1};
}
std::vector<Lengths> lengths_of(const Dataset& dataset, const std::vector<int64_t>& examples) {
  std::vector<Lengths> lengths;
  lengths.reserve(examples.size());
  for (const int64_t example : examples) lengths.push_back(lengths_of(dataset, example));
  return lengths;
}

// What a few examples would take in a micro-batch.
struct Extent {
  int64_t examples = 0, target_tokens = 0, longest = 0;
  void add(const Lengths& lengths) {
    ++examples;
    target_tokens += lengths.target;
    longest = std::max(longest, lengths.longer());
  }
};
using Cost = int64_t (*)(const Extent&);
int64_t real_target_tokens(const Extent& extent) { return extent.target_tokens; }
int64_t padded_tokens(const Extent& extent) { return extent.examples * extent.longest; }  // on the side that takes more

using Places = std::vector<int64_t>;

// Runs of neighbours that cost at most `limit` each, as long as they get; an example that costs more on its own stands alone.
std::vector<Places> cut_greedily(const std::vector<Lengths>& lengths, const Places& places, Cost cost, int64_t limit) {
  std::vector<Places> runs;
  Extent extent;
  for (const int64_t place : places) {
    Extent longer = extent;
    longer.add(lengths[place]);
    if (runs.empty() || cost(longer) > limit) {
      runs.emplace_back();
      longer = Extent();
      longer.add(lengths[place]);
    }
    runs.back().push_back(place);
    extent = longer;
  }
  return runs;
}

// As few runs as `limit` allows, and as even as that number allows: the least limit that needs no more runs. Without this the last run is
// a remnant, and with lengths sorted a remnant of the longest examples.
std::vector<Places> cut_evenly(const std::vector<Lengths>& lengths, const Places& places, Cost cost, int64_t limit) {
  auto runs = cut_greedily(lengths, places, cost, limit);
  int64_t too_low = 0, enough = limit;
  while (enough - too_low > 1) {
    const int64_t middle = too_low + (enough - too_low) / 2;
    auto other = cut_greedily(lengths, places, cost, middle);
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
void sort_by_length(const std::vector<Lengths>& lengths, Places& places) {
  const auto key = [&](int64_t place) { return std::tuple(lengths[place].longer(), lengths[place].source, lengths[place].target); };
  std::stable_sort(places.begin(), places.end(), [&](int64_t a, int64_t b) { return key(a) < key(b); });
}

// The examples in these places of a list.
std::vector<std::vector<int64_t>> examples_in(const std::vector<int64_t>& examples, std::vector<Places> runs) {
  for (auto& run : runs) {
    for (int64_t& place : run) place = examples[place];
  }
  return runs;
}

}  // namespace

void BatchingOptions::fields(config::Fields& v) {
  v("tokens_per_update", tokens_per_update, "upper bound of an update's real target tokens, end symbols included");
  v("max_tokens_per_micro_batch", max_tokens_per_micro_batch, "upper bound of a micro-batch's padded tokens on either side");
  v("pool_examples", pool_examples,
    "examples sorted by length before they are cut into updates; 0: all, which makes every update a bag of one length; 1: none");
  v("window_examples", window_examples,
    "examples that are shuffled with one another; a larger corpus is gone through window by window, each of blocks from anywhere in it. "
    "Memory grows with it");
}

void BatchingOptions::check(config::Checker& c) const {
  c.require(tokens_per_update > 0, "tokens_per_update", "must be positive");
  c.require(max_tokens_per_micro_batch > 0, "max_tokens_per_micro_batch", "must be positive");
  c.require(pool_examples >= 0, "pool_examples", "must not be negative (0 sorts all)");
  c.require(window_examples > 0, "window_examples", "must be positive");
}

std::vector<Update> plan_updates(const Dataset& dataset, const std::vector<int64_t>& examples, const BatchingOptions& options,
                                 const Noise& noise) {
  const auto lengths = lengths_of(dataset, examples);
  Places order = noise("examples").permutation(std::ssize(examples));
  const int64_t pool_size = options.pool_examples > 0 ? options.pool_examples : std::max<int64_t>(std::ssize(order), 1);
  for (int64_t start = 0; pool_size > 1 && start < std::ssize(order); start += pool_size) {
    const auto begin = order.begin() + start;
    const auto end = order.begin() + std::min(start + pool_size, std::ssize(order));
    Places pool(begin, end);
    sort_by_length(lengths, pool);
    std::copy(pool.begin(), pool.end(), begin);
  }

  auto cuts = cut_evenly(lengths, order, real_target_tokens, options.tokens_per_update);
  std::vector<Update> updates;
  updates.reserve(cuts.size());
  for (const int64_t index : noise("updates").permutation(std::ssize(cuts))) {
    Places places = std::move(cuts[index]);
    sort_by_length(lengths, places);
    Update& update = updates.emplace_back();
    update.micro_batches = examples_in(examples, cut_evenly(lengths, places, padded_tokens, options.max_tokens_per_micro_batch));
    for (const int64_t place : places) update.target_tokens += lengths[place].target;
  }
  return updates;
}

std::vector<std::vector<int64_t>> plan_evaluation(const Dataset& dataset, int64_t max_tokens) {
  Places examples(dataset.size());
  std::iota(examples.begin(), examples.end(), 0);
  const auto lengths = lengths_of(dataset, examples);
  sort_by_length(lengths, examples);
  return cut_greedily(lengths, examples, padded_tokens, max_tokens);
}

double padding_share(const Dataset& dataset, const std::vector<Update>& updates) {
  int64_t real = 0, all = 0;
  for (const auto& update : updates) {
    for (const auto& examples : update.micro_batches) {
      int64_t longest_source = 0, longest_target = 0;
      for (const int64_t example : examples) {
        const auto lengths = lengths_of(dataset, example);
        real += lengths.source + lengths.target;
        longest_source = std::max(longest_source, lengths.source);
        longest_target = std::max(longest_target, lengths.target);
      }
      all += static_cast<int64_t>(examples.size()) * (longest_source + longest_target);
    }
  }
  return all == 0 ? 0 : 1 - static_cast<double>(real) / static_cast<double>(all);
}

}  // namespace sublayer::data
