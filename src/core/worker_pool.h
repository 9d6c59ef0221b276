#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sublayer {

// A fixed number of threads that work off numbered tasks, lowest number first. An exception in a task ends the run and is rethrown.
class WorkerPool {
 public:
  // `on_start` is called first in each thread.
  explicit WorkerPool(int64_t workers, const std::function<void()>& on_start = {});
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int64_t size() const { return static_cast<int64_t>(threads_.size()); }

  // Calls task(worker, i) once for each i below `count` and returns when all are done.
  using Task = std::function<void(int64_t worker, int64_t index)>;
  void run(int64_t count, const Task& task);

  // Within a task: waits until every lower task has been here, then does `action` and lets the next task pass. What is done
  // in here happens in the order of the tasks, whatever the number of workers.
  void in_order(int64_t index, const std::function<void()>& action);

 private:
  void work(int64_t worker);

  std::mutex mutex_;
  std::condition_variable changed_;
  const Task* task_ = nullptr;
  int64_t count_ = 0, next_ = 0, turn_ = 0, busy_ = 0;
  bool is_stopping_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

// Cores that this process may use.
int64_t available_cores();

}  // namespace sublayer
