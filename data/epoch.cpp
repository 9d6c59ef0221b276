#include "data/epoch.h"

#include <algorithm>

namespace sublayer::data {
namespace {

// As many random places of the corpus meet in a window. Larger blocks are read faster, more of them mix better.
constexpr int64_t blocks_per_window = 1024;

int64_t divided_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace

Epoch::Epoch(const Dataset& dataset, const BatchingOptions& options, const Noise& noise)
    : dataset_(dataset), options_(options), noise_(noise), block_size_(std::max<int64_t>(1, options.window_examples / blocks_per_window)) {
  const int64_t blocks = divided_up(dataset.size(), block_size_);
  const bool is_one = dataset.size() <= options.window_examples;
  windows_ = is_one ? std::min<int64_t>(blocks, 1) : divided_up(blocks, options.window_examples / block_size_);
  blocks_ = noise("blocks").permutation(blocks);
}

// Windows are as even as their number allows: a remnant would be shuffled badly.
std::vector<int64_t> Epoch::examples_of(int64_t window) const {
  const auto edge = [&](int64_t i) { return blocks_.begin() + i * std::ssize(blocks_) / windows_; };
  std::vector<int64_t> blocks(edge(window), edge(window + 1));
  std::sort(blocks.begin(), blocks.end());  // what is shuffled next may as well be read in its order
  std::vector<int64_t> examples;
  for (const int64_t block : blocks) {
    const int64_t end = std::min((block + 1) * block_size_, dataset_.size());
    for (int64_t example = block * block_size_; example < end; ++example) examples.push_back(example);
  }
  return examples;
}

std::vector<Update> Epoch::plan(int64_t window) const {
  return plan_updates(dataset_, examples_of(window), options_, window == 0 ? noise_ : noise_("window")(static_cast<uint64_t>(window)));
}

}  // namespace sublayer::data
