#include "data/task/task.h"

#include <stdexcept>

#include "src/core/hash.h"

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

std::string hash_of(const Corpus& corpus) {
  Hasher hasher;
  for (const auto& example : corpus.examples) {
    // Lengths in front, so that no choice of sentences can look like another cut of the same bytes.
    hasher.update(std::to_string(example.source.size()) + " " + std::to_string(example.target.size()) + " ");
    hasher.update(example.source);
    hasher.update(example.target);
  }
  return hasher.digest();
}

}  // namespace sublayer::task
