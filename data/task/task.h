#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/core/config/choice.h"
#include "src/core/hash.h"

namespace sublayer::task {

enum class Split { train, valid, test };
const char* name_of(Split split);

// A source sentence and the target it should become, as UTF-8 text.
struct Example {
  std::string source, target;
};

// The pairs that named rules left out, e.g. {"empty side", 3}.
using Dropped = std::vector<std::pair<std::string, int64_t>>;

// One split of a task.
struct Corpus {
  std::vector<Example> examples;
  Dropped dropped;
};

// Content hash of examples in their order: what a run's data are, wherever they lie.
class TextHasher {
 public:
  void add(const Example& example);
  std::string digest() const { return hasher_.digest(); }

 private:
  Hasher hasher_;
};
std::string hash_of(const Corpus& corpus);

// What is learned: where examples come from and how they are split. Deterministic: two calls give the same examples.
class Task {
 public:
  static constexpr const char* kind = "task";
  static constexpr const char* kind_documentation = "splits of examples";
  using Arguments = std::tuple<>;

  virtual ~Task() = default;

  // Throws DataError with file and line for unreadable data; an empty corpus where the task has no such split.
  virtual Corpus load(Split split) const = 0;

  // The examples of load(split) in the same order, one at a time; returns what was left out. A task whose splits may be larger than memory
  // overrides it; those of the others are loaded whole.
  virtual Dropped stream(Split split, const std::function<void(Example)>& take) const;
};

}  // namespace sublayer::task
