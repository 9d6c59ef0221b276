#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_set>
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

// The sentences of pairs that are not trained on.
class HeldOut {
 public:
  void add(const Example& example) {
    sources_.insert(example.source);
    targets_.insert(example.target);
  }
  bool share_a_sentence_with(const Example& example) const {
    return sources_.contains(example.source) || targets_.contains(example.target);
  }

 private:
  std::unordered_set<std::string> sources_, targets_;
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
      v("split", split,
        "numbers of pairs to draw from `train` for validation and test; `more` loses pairs that share a sentence with them");
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
    Corpus corpus;
    corpus.dropped = stream(split, [&](Example example) { corpus.examples.push_back(std::move(example)); });
    return corpus;
  }

  // Drawn splits have all pairs of `train` in memory, as pairs with a sentence in common stay together.
  Dropped stream(Split split, const std::function<void(Example)>& take) const override {
    const bool is_drawn = drawn_size(split) > 0;
    const AlignedFiles& files = is_drawn ? options_.train : files_of(split);
    if (files.empty()) return {};
    require_files(is_drawn ? Split::train : split);
    int64_t count = 0;
    const std::function<void(Example)> counted = [&](Example example) {
      ++count;
      take(std::move(example));
    };
    Dropped dropped;
    if (is_drawn) {
      stream_parts(split, counted);  // what is dropped is told once, with the training set
      require_drawn(split, count);
    } else if (split == Split::train) {
      HeldOut held_out;
      dropped = options_.split.valid + options_.split.test > 0 ? stream_parts(split, counted, &held_out) : files.stream(counted);
      for (size_t i = 0; i < options_.more.size(); ++i) stream_further(i, held_out, counted, dropped);
    } else {
      dropped = files.stream(counted);
    }
    if (count == 0) throw DataError(std::string("task.") + name_of(split) + ": no pair of sentences is left in its files");
    return dropped;
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

  // The pairs of `train` that this split gets. `held_out` gets the sentences of those that are not trained on.
  Dropped stream_parts(Split split, const std::function<void(Example)>& take, HeldOut* held_out = nullptr) const {
    std::vector<Example> examples;
    auto dropped = options_.train.stream([&](Example example) { examples.push_back(std::move(example)); });
    const auto parts = draw_parts(examples, {options_.split.valid, options_.split.test}, Noise(options_.seed)("split"));
    constexpr size_t of_training = 2;
    const size_t wanted = split == Split::valid ? 0 : split == Split::test ? 1 : of_training;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (held_out && parts[i] != of_training) held_out->add(examples[i]);
      if (parts[i] == wanted) take(std::move(examples[i]));
    }
    return dropped;
  }

  void require_drawn(Split split, int64_t count) const {
    if (count == drawn_size(split)) return;
    throw DataError(std::string("task.split.") + name_of(split) + ": only " + std::to_string(count) + " of " +
                    std::to_string(drawn_size(split)) + " pairs can be drawn: pairs with a sentence in common stay together");
  }

  // Pairs of a further corpus as often as its weight says.
  void stream_further(size_t index, const HeldOut& held_out, const std::function<void(Example)>& take, Dropped& dropped) const {
    const auto& files = options_.more[index];
    const auto noise = Noise(options_.seed)("weight")(index);
    const double fraction = files.weight - std::floor(files.weight);
    int64_t shared = 0;
    uint64_t place = 0;
    const auto further_dropped = files.stream([&](const Example& example) {
      const uint64_t i = place++;
      if (held_out.share_a_sentence_with(example)) {
        ++shared;
        return;
      }
      const auto times = static_cast<int64_t>(files.weight) + (noise.uniform(i) < fraction);
      for (int64_t time = 0; time < times; ++time) take(example);
    });
    for (const auto& [rule, count] : further_dropped) count_dropped(dropped, rule, count);
    if (shared > 0) count_dropped(dropped, "sentence of a drawn pair", shared);
  }

  static void count_dropped(Dropped& dropped, const std::string& rule, int64_t count) {
    const auto known = std::find_if(dropped.begin(), dropped.end(), [&](const auto& entry) { return entry.first == rule; });
    if (known == dropped.end()) {
      dropped.emplace_back(rule, count);
    } else {
      known->second += count;
    }
  }

  Options options_;
};

}  // namespace

SUBLAYER_REGISTER(Task, ParallelText, "parallel_text", "sentence pairs from aligned files or tables, plain or .gz");

}  // namespace sublayer::task
