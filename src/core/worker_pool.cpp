#include "src/core/worker_pool.h"

#if defined(__linux__)
#include <sched.h>
#endif

#include <algorithm>
#include <stdexcept>

namespace sublayer {
namespace {

// Thrown through a task that waits for its turn when another has failed.
struct Abandoned {};

}  // namespace

WorkerPool::WorkerPool(int64_t workers, const std::function<void()>& on_start) {
  for (int64_t i = 0; i < std::max<int64_t>(workers, 1); ++i) {
    threads_.emplace_back([this, i, on_start] {
      if (on_start) on_start();
      work(i);
    });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkerPool::run(int64_t count, const Task& task) {
  std::unique_lock lock(mutex_);
  task_ = &task;
  count_ = count;
  next_ = turn_ = 0;
  failure_ = nullptr;
  changed_.notify_all();
  changed_.wait(lock, [&] { return busy_ == 0 && (next_ >= count_ || failure_); });
  task_ = nullptr;
  if (failure_) std::rethrow_exception(failure_);
}

void WorkerPool::in_order(int64_t index, const std::function<void()>& action) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return turn_ == index || failure_; });
    if (failure_) throw Abandoned();
  }
  action();
  {
    const std::lock_guard lock(mutex_);
    ++turn_;
  }
  changed_.notify_all();
}

void WorkerPool::work(int64_t worker) {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return is_stopping_ || (task_ && !failure_ && next_ < count_); });
    if (is_stopping_) return;
    const int64_t index = next_++;
    const Task& task = *task_;
    ++busy_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      task(worker, index);
    } catch (const Abandoned&) {
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    --busy_;
    if (failure && !failure_) failure_ = failure;
    changed_.notify_all();
  }
}

int64_t available_cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max<int64_t>(1, std::thread::hardware_concurrency());
}

}  // namespace sublayer
