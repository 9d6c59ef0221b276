#include "src/decoding/batches.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>

#include "data/batching.h"

namespace sublayer::decoding {
namespace {

// Batches that threads take one by one, and what became of them.
class Queue {
 public:
  Queue(std::vector<std::vector<int64_t>> batches, int64_t all, const BatchSettings& settings)
      : batches_(std::move(batches)), all_(all), settings_(settings) {}

  void work_off(const std::function<void(const std::vector<int64_t>&)>& work) {
    const at::NoGradGuard no_gradients;
    for (int64_t batch = take(); batch < std::ssize(batches_); batch = take()) {
      try {
        work(batches_[batch]);
        report(std::ssize(batches_[batch]));
      } catch (...) {
        fail(batch);
      }
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  int64_t take() {
    const std::lock_guard lock(mutex_);
    return error_ ? std::ssize(batches_) : next_++;
  }

  void report(int64_t examples) {
    const std::lock_guard lock(mutex_);
    done_ += examples;
    if (settings_.progress) settings_.progress(done_, all_);
  }

  void fail(int64_t batch) {
    const std::lock_guard lock(mutex_);
    if (error_ && failed_ < batch) return;
    error_ = std::current_exception();
    failed_ = batch;
  }

  const std::vector<std::vector<int64_t>> batches_;
  const int64_t all_;
  const BatchSettings& settings_;
  std::mutex mutex_;
  int64_t next_ = 0, done_ = 0, failed_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void for_each_batch(const data::Dataset& dataset, const BatchSettings& settings,
                    const std::function<void(const std::vector<int64_t>& examples)>& work) {
  auto batches = data::plan_evaluation(dataset, settings.max_tokens);
  std::reverse(batches.begin(), batches.end());  // the longest first, or the last thread would finish long after the others
  const int64_t workers = std::min<int64_t>(settings.workers, std::ssize(batches));
  Queue queue(std::move(batches), dataset.size(), settings);
  {
    std::vector<std::jthread> others;
    for (int64_t i = 1; i < workers; ++i) {
      others.emplace_back([&] {
        at::init_num_threads();  // the program's number of threads within an operation, in a thread of ours too
        queue.work_off(work);
      });
    }
    queue.work_off(work);
  }
  queue.rethrow();
}

}  // namespace sublayer::decoding
