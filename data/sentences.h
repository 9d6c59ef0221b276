#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

namespace sublayer::data {

// The ids of one sentence where they lie: side by side, two bytes each or four.
class Sentence {
 public:
  Sentence(const void* ids, int64_t size, bool is_wide) : ids_(ids), size_(size), is_wide_(is_wide) {}
  int64_t size() const { return size_; }
  int64_t operator[](int64_t i) const { return is_wide_ ? static_cast<const uint32_t*>(ids_)[i] : static_cast<const uint16_t*>(ids_)[i]; }
  std::vector<int64_t> ids() const;

 private:
  const void* ids_;
  int64_t size_;
  bool is_wide_;
};

// Memory that holds sentences for those who read them.
class SentenceStorage {
 public:
  virtual ~SentenceStorage() = default;
  virtual void release() const {}  // what can be read again when it is needed no longer counts as memory of this process
};

// Sentences one after the other in somebody's memory.
struct SentenceRun {
  int64_t size = 0;
  const uint32_t* ends = nullptr;  // of each sentence, in ids
  const void* ids = nullptr;
  bool is_wide = false;  // ids of four bytes, not two
  std::shared_ptr<const SentenceStorage> storage;
};

// A run that grows, in memory of its own.
class SentenceBlock : public SentenceStorage {
 public:
  // For ids below `vocabulary`.
  explicit SentenceBlock(int64_t vocabulary = 0) : is_wide_(vocabulary > int64_t{1} << 16) {}
  void add(std::span<const int64_t> ids);
  int64_t tokens() const { return ends_.empty() ? 0 : ends_.back(); }

  static SentenceRun run_of(std::shared_ptr<const SentenceBlock> block);
  std::span<const uint32_t> ends() const { return ends_; }
  std::span<const uint16_t> narrow_ids() const { return narrow_; }  // empty where ids are wide
  std::span<const uint32_t> wide_ids() const { return wide_; }
  bool is_wide() const { return is_wide_; }

 private:
  bool is_wide_;
  std::vector<uint32_t> ends_, wide_;
  std::vector<uint16_t> narrow_;
};

// Many sentences as ids, in memory or in mapped files: readers see no difference. Cheap to copy; never changed but by adding runs.
class Sentences {
 public:
  Sentences() = default;
  Sentences(const std::vector<std::vector<int64_t>>& sentences);
  Sentences(std::initializer_list<std::vector<int64_t>> sentences) : Sentences(std::vector<std::vector<int64_t>>(sentences)) {}

  void append(SentenceRun run);
  int64_t size() const { return size_; }
  int64_t tokens() const { return tokens_; }  // of all sentences
  Sentence operator[](int64_t i) const;       // std::out_of_range where there is none

  // All of them in their order. What was passed is released: a corpus that is larger than the memory is read through in little of it.
  template <class Visitor>
  void for_each(const Visitor& visit) const {
    for (const auto& run : runs_) {
      for (int64_t i = 0; i < run.size; ++i) visit(sentence(run, i));
      run.storage->release();
    }
  }
  void release() const;

 private:
  static Sentence sentence(const SentenceRun& run, int64_t i);

  std::vector<SentenceRun> runs_;
  std::vector<int64_t> firsts_;  // index of each run's first sentence
  int64_t size_ = 0, tokens_ = 0;
};

}  // namespace sublayer::data
