#include "data/sentences.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace sublayer::data {

std::vector<int64_t> Sentence::ids() const {
  std::vector<int64_t> copy(size_);
  for (int64_t i = 0; i < size_; ++i) copy[i] = (*this)[i];
  return copy;
}

void SentenceBlock::add(std::span<const int64_t> ids) {
  constexpr int64_t most = std::numeric_limits<uint32_t>::max();
  const int64_t largest = is_wide_ ? most : std::numeric_limits<uint16_t>::max();
  if (tokens() + std::ssize(ids) > most) throw std::length_error("a block of sentences holds at most 2^32 - 1 ids");
  for (const int64_t id : ids) {
    if (id < 0 || id > largest) throw std::out_of_range("id " + std::to_string(id) + " is not below the block's vocabulary");
    if (is_wide_) {
      wide_.push_back(static_cast<uint32_t>(id));
    } else {
      narrow_.push_back(static_cast<uint16_t>(id));
    }
  }
  ends_.push_back(static_cast<uint32_t>(tokens() + std::ssize(ids)));
}

SentenceRun SentenceBlock::run_of(std::shared_ptr<const SentenceBlock> block) {
  const void* ids = block->is_wide_ ? static_cast<const void*>(block->wide_.data()) : block->narrow_.data();
  return {std::ssize(block->ends_), block->ends_.data(), ids, block->is_wide_, block};
}

Sentences::Sentences(const std::vector<std::vector<int64_t>>& sentences) {
  int64_t largest = 0;
  for (const auto& ids : sentences) {
    for (const int64_t id : ids) largest = std::max(largest, id);
  }
  const auto block = std::make_shared<SentenceBlock>(largest + 1);
  for (const auto& ids : sentences) block->add(ids);
  append(SentenceBlock::run_of(block));
}

void Sentences::append(SentenceRun run) {
  if (run.size == 0) return;
  firsts_.push_back(size_);
  size_ += run.size;
  tokens_ += run.ends[run.size - 1];
  runs_.push_back(std::move(run));
}

Sentence Sentences::sentence(const SentenceRun& run, int64_t i) {
  const int64_t begin = i == 0 ? 0 : run.ends[i - 1];
  const auto* bytes = static_cast<const char*>(run.ids) + begin * (run.is_wide ? 4 : 2);
  return {bytes, run.ends[i] - begin, run.is_wide};
}

Sentence Sentences::operator[](int64_t i) const {
  if (i < 0 || i >= size_) throw std::out_of_range("sentence " + std::to_string(i) + " of " + std::to_string(size_));
  const auto run = std::upper_bound(firsts_.begin(), firsts_.end(), i) - firsts_.begin() - 1;
  return sentence(runs_[run], i - firsts_[run]);
}

void Sentences::release() const {
  for (const auto& run : runs_) run.storage->release();
}

}  // namespace sublayer::data
