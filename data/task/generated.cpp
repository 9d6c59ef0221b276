#include "data/task/generated.h"

#include <string>
#include <unordered_set>

namespace sublayer::task {

void GeneratedOptions::fields(config::Fields& v) {
  v.small("{train: 50, valid: 10, test: 10}");
  v("train", train, "examples to train on").otherwise("60");
  v("valid", valid, "examples to validate on; 0 for none").otherwise("20");
  v("test", test, "examples to test on; 0 for none").otherwise("20");
  v("seed", seed, "of the examples, apart from the run's seed").otherwise("2");
}

void GeneratedOptions::check(config::Checker& c) const {
  c.require(train > 0, "train", "must be positive");
  c.require(valid >= 0, "valid", "must not be negative");
  c.require(test >= 0, "test", "must not be negative");
}

void GeneratedOptions::check_enough(config::Checker& c, double possible_sources) const {
  if (!c.complaints().empty()) return;  // sizes that make no sense are not worth counting
  const double wanted = static_cast<double>(train) + static_cast<double>(valid) + static_cast<double>(test);
  c.require(2 * wanted <= possible_sources, "train", "train + valid + test must be at most half of the possible different sources");
}

Corpus generate(const GeneratedOptions& options, Split split, const std::function<Example(const Noise&)>& make) {
  const int64_t first = split == Split::valid ? 0 : split == Split::test ? options.valid : options.valid + options.test;
  const int64_t count = split == Split::valid ? options.valid : split == Split::test ? options.test : options.train;
  const Noise noise = Noise(options.seed)("examples");
  std::unordered_set<std::string> seen;
  Corpus corpus;
  for (uint64_t draw = 0; static_cast<int64_t>(corpus.examples.size()) < count; ++draw) {
    Example example = make(noise(draw));
    const bool is_new = seen.insert(example.source).second;
    if (is_new && static_cast<int64_t>(seen.size()) > first) corpus.examples.push_back(std::move(example));
  }
  return corpus;
}

}  // namespace sublayer::task
