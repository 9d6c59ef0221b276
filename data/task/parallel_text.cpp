#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "data/task/aligned_files.h"
#include "data/task/grouped_split.h"
#include "data/task/task.h"
#include "src/core/config/fields.h"
#include "src/core/errors.h"

namespace sublayer::task {
namespace {

// Sizes of splits that are drawn from the training files.
struct DrawnSizes : config::Options {
  int64_t valid = 0, test = 0;
  void fields(config::Fields& v) override {
    v("valid", valid, "pairs to draw for validation; 0 where `valid` names files").otherwise("3");
    v("test", test, "pairs to draw for testing; 0 where `test` names files").otherwise("3");
  }
  void check(config::Checker& c) const override {
    c.require(valid >= 0, "valid", "must not be negative");
    c.require(test >= 0, "test", "must not be negative");
  }
};

// One more corpus to train on, and how often.
struct WeightedFiles : AlignedFiles {
  double weight = 1;
  void fields(config::Fields& v) override {
    AlignedFiles::fields(v);
    v("weight", weight, "times that each pair stands in an epoch; a fraction is drawn: with 1.5 every other pair stands there twice");
  }
  void check(config::Checker& c) const override {
    AlignedFiles::check(c);
    c.require(!empty(), "files", "names no files");
    c.require(weight > 0, "weight", "must be positive");
  }
};

// Sentence pairs from files: translation, inflection, anything that comes as two texts.
class ParallelText final : public Task {
 public:
  struct Options : config::Options {
    AlignedFiles train, valid, test;
    std::vector<WeightedFiles> more;
    DrawnSizes split;
    uint64_t seed = 1;
    std::string origin;
    void fields(config::Fields& v) override {
      v("train", train, "files to train on");
      v.small("{train: {source: [source.txt], target: [target.txt]}}");
      v("more", more, "further corpora to train on, e.g. [{source: [a.zh], target: [a.en], weight: 2}]")
          .otherwise("[{source: [target.txt], target: [source.txt]}]")
          .otherwise("[{source: [target.txt], target: [source.txt], weight: 2}]", "{more: [{source: [target.txt], target: [source.txt]}]}");
      v("valid", valid, "files to validate on");
      v("test", test, "files to test on");
      v("split", split, "numbers of pairs to draw from all training files for validation and test");
      v("seed", seed, "of the drawn splits, apart from the run's seed").otherwise("2", "{split: {valid: 3}}");
      v("origin", origin, "where the corpus is to be had; shown when a file is missing", config::Mark::run_time);
    }
    void check(config::Checker& c) const override {
      c.require(!train.empty(), "train", "names no files");
      c.require(valid.empty() || split.valid == 0, "split", "valid is drawn, but there are files for it as well");
      c.require(test.empty() || split.test == 0, "split", "test is drawn, but there are files for it as well");
    }
  };
  explicit ParallelText(Options options) : options_(std::move(options)) {}

  Corpus load(Split split) const override {
    const bool is_drawn = drawn_size(split) > 0;
    const AlignedFiles& files = is_drawn ? options_.train : files_of(split);
    if (files.empty()) return {};
    require_files(is_drawn ? Split::train : split);
    Corpus corpus = files.read();
    if (is_drawn || split == Split::train) {
      std::vector<double> weights(corpus.examples.size(), 1);
      for (const auto& further : options_.more) append(further, corpus, weights);
      keep_part(split, corpus, weights);
    }
    if (corpus.examples.empty()) throw DataError(std::string("task.") + name_of(split) + ": no pair of sentences is left in its files");
    return corpus;
  }

 private:
  const AlignedFiles& files_of(Split split) const {
    return split == Split::train ? options_.train : split == Split::valid ? options_.valid : options_.test;
  }
  int64_t drawn_size(Split split) const {
    return split == Split::valid ? options_.split.valid : split == Split::test ? options_.split.test : 0;
  }

  // A training should not find out at its end that the test files are missing, so it looks for all of them.
  void require_files(Split wanted) const {
    for (const Split split : {Split::train, Split::valid, Split::test}) {
      if (split != wanted && wanted != Split::train) continue;
      files_of(split).require_existing(std::string("task.") + name_of(split), options_.origin);
    }
    for (size_t i = 0; wanted == Split::train && i < options_.more.size(); ++i)
      options_.more[i].require_existing("task.more." + std::to_string(i), options_.origin);
  }

  static void append(const WeightedFiles& files, Corpus& corpus, std::vector<double>& weights) {
    Corpus further = files.read();
    std::move(further.examples.begin(), further.examples.end(), std::back_inserter(corpus.examples));
    weights.resize(corpus.examples.size(), files.weight);
    for (const auto& [rule, count] : further.dropped) {
      const auto known =
          std::find_if(corpus.dropped.begin(), corpus.dropped.end(), [&, name = rule](const auto& entry) { return entry.first == name; });
      if (known == corpus.dropped.end()) {
        corpus.dropped.emplace_back(rule, count);
      } else {
        known->second += count;
      }
    }
  }

  // The pairs of a split, those of the training set as often as their weights say.
  void keep_part(Split split, Corpus& corpus, const std::vector<double>& weights) const {
    const std::vector<int64_t> sizes = {options_.split.valid, options_.split.test};
    const auto parts = draw_parts(corpus.examples, sizes, Noise(options_.seed)("split"));
    const size_t part = split == Split::valid ? 0 : split == Split::test ? 1 : 2;
    std::vector<Example> kept;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i] != part) continue;
      const double fraction = weights[i] - std::floor(weights[i]);
      const bool is_drawn = Noise(options_.seed)("weight").uniform(i) < fraction;
      const auto times = split == Split::train ? static_cast<int64_t>(weights[i]) + is_drawn : 1;
      kept.insert(kept.end(), times, corpus.examples[i]);
    }
    const auto count = static_cast<int64_t>(kept.size());
    if (split != Split::train && count < drawn_size(split)) {
      throw DataError(std::string("task.split.") + name_of(split) + ": only " + std::to_string(count) + " of " +
                      std::to_string(drawn_size(split)) + " pairs can be drawn: pairs with a sentence in common stay together");
    }
    corpus.examples = std::move(kept);
    if (split != Split::train) corpus.dropped.clear();  // told once, with the training set
  }

  Options options_;
};

}  // namespace

SUBLAYER_REGISTER(Task, ParallelText, "parallel_text", "sentence pairs from aligned files or tables, plain or .gz");

}  // namespace sublayer::task
