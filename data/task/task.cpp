#include "data/task/task.h"

#include <stdexcept>
#include <utility>

namespace sublayer::task {

const char* name_of(Split split) {
  switch (split) {
    case Split::train:
      return "train";
    case Split::valid:
      return "valid";
    case Split::test:
      return "test";
  }
  throw std::logic_error("no such split");
}

void TextHasher::add(const Example& example) {
  // Lengths in front, so that no choice of sentences can look like another cut of the same bytes.
  hasher_.update(std::to_string(example.source.size()) + " " + std::to_string(example.target.size()) + " ");
  hasher_.update(example.source);
  hasher_.update(example.target);
}

std::string hash_of(const Corpus& corpus) {
  TextHasher hasher;
  for (const auto& example : corpus.examples) hasher.add(example);
  return hasher.digest();
}

Dropped Task::stream(Split split, const std::function<void(Example)>& take) const {
  Corpus corpus = load(split);
  for (auto& example : corpus.examples) take(std::move(example));
  return std::move(corpus.dropped);
}

}  // namespace sublayer::task
