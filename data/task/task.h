#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/core/config/choice.h"

namespace sublayer::task {

enum class Split { train, valid, test };
const char* name_of(Split split);

// A source sentence and the target it should become, as UTF-8 text.
struct Example {
  std::string source, target;
};

// One split of a task. `dropped` counts the pairs that a named rule left out, e.g. {"empty side", 3}.
struct Corpus {
  std::vector<Example> examples;
  std::vector<std::pair<std::string, int64_t>> dropped;
};

// Content hash of the examples in their order: what a run's data are, wherever they lie.
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
};

}  // namespace sublayer::task
