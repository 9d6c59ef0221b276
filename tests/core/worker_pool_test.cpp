#include "src/core/worker_pool.h"

#include <atomic>
#include <numeric>
#include <set>
#include <stdexcept>

#include "tests/support/catch.h"
#include "tests/support/message_of.h"

namespace sublayer {
namespace {

std::vector<int64_t> numbers_below(int64_t n) {
  std::vector<int64_t> list(n);
  std::iota(list.begin(), list.end(), 0);
  return list;
}

// Later tasks finish earlier.
void take_longer_the_earlier(int64_t index, int64_t count) {
  std::this_thread::sleep_for(std::chrono::microseconds(200 * (count - index)));
}

}  // namespace

TEST_CASE("each task is done once, by a worker of the pool") {
  for (const int64_t workers : {1, 2, 7}) {
    WorkerPool pool(workers);
    CHECK(pool.size() == workers);
    std::vector<std::atomic<int>> done(100);
    std::atomic<bool> all_known = true;
    pool.run(100, [&](int64_t worker, int64_t index) {
      if (worker < 0 || worker >= workers) all_known = false;
      ++done[index];
    });
    for (const auto& count : done) CHECK(count == 1);
    CHECK(all_known);
  }
}

TEST_CASE("a pool has at least one worker") { CHECK(WorkerPool(0).size() == 1); }

TEST_CASE("no task at all is done at once") {
  WorkerPool pool(2);
  pool.run(0, [](int64_t, int64_t) { throw std::logic_error("there is no task"); });
  SUCCEED();
}

TEST_CASE("what is done in order is done in the order of the tasks, whatever the workers") {
  for (const int64_t workers : {1, 2, 5, 20}) {
    WorkerPool pool(workers);
    std::vector<int64_t> order;
    pool.run(12, [&](int64_t, int64_t index) {
      take_longer_the_earlier(index, 12);
      pool.in_order(index, [&] { order.push_back(index); });
    });
    CHECK(order == numbers_below(12));
  }
}

TEST_CASE("tasks are begun lowest number first") {
  WorkerPool pool(1);
  std::vector<int64_t> order;
  pool.run(50, [&](int64_t, int64_t index) { order.push_back(index); });
  CHECK(order == numbers_below(50));
}

TEST_CASE("two tasks run at the same time on two workers") {
  WorkerPool pool(2);
  std::atomic<int> arrived = 0;
  pool.run(2, [&](int64_t, int64_t) {
    ++arrived;
    while (arrived < 2) std::this_thread::yield();
  });
  CHECK(arrived == 2);
}

TEST_CASE("an exception of any task ends the run and reaches the caller, before, in and after its turn") {
  enum class Moment { before, within, after };
  for (const int64_t workers : {1, 2, 5}) {
    WorkerPool pool(workers);
    for (const Moment moment : {Moment::before, Moment::within, Moment::after}) {
      for (int64_t bad = 0; bad < 9; ++bad) {
        std::vector<int64_t> order;
        const auto message = test::message_of<std::runtime_error>([&] {
          pool.run(9, [&](int64_t, int64_t index) {
            const auto fail_at = [&](Moment now) {
              if (index == bad && moment == now) throw std::runtime_error("task " + std::to_string(bad));
            };
            fail_at(Moment::before);
            pool.in_order(index, [&] {
              fail_at(Moment::within);
              order.push_back(index);
            });
            fail_at(Moment::after);
          });
        });
        CHECK(message == "task " + std::to_string(bad));
        // What was done before the failure was done in order, without a gap.
        CHECK(order == numbers_below(static_cast<int64_t>(order.size())));
        CHECK(static_cast<int64_t>(order.size()) >= (moment == Moment::after ? bad : 0));
      }
    }
  }
}

TEST_CASE("when every task throws, the caller gets one of their exceptions") {
  WorkerPool pool(4);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const auto message = test::message_of<std::runtime_error>(
        [&] { pool.run(8, [&](int64_t, int64_t index) { throw std::runtime_error("task " + std::to_string(index)); }); });
    CHECK(message.starts_with("task "));
  }
}

TEST_CASE("a pool works on after a failure, and through many runs") {
  WorkerPool pool(3);
  std::atomic<int64_t> sum = 0;
  for (int64_t run = 0; run < 500; ++run) {
    if (run % 50 == 0) {
      CHECK_THROWS_AS(pool.run(4,
                               [](int64_t, int64_t index) {
                                 if (index == 2) throw std::runtime_error("once");
                               }),
                      std::runtime_error);
    }
    std::vector<int64_t> order;
    pool.run(run % 8, [&](int64_t, int64_t index) {
      sum += index;
      pool.in_order(index, [&] { order.push_back(index); });
    });
    if (order != numbers_below(run % 8)) FAIL("run " << run << " was out of order");
  }
  int64_t expected = 0;
  for (int64_t run = 0; run < 500; ++run) expected += (run % 8) * (run % 8 - 1) / 2;
  CHECK(sum == expected);
}

TEST_CASE("each worker starts with what it is told to start with") {
  std::atomic<int> started = 0;
  std::set<std::thread::id> threads;
  {
    WorkerPool pool(3, [&] { ++started; });
    pool.run(3, [&](int64_t, int64_t index) { pool.in_order(index, [&] { threads.insert(std::this_thread::get_id()); }); });
  }
  CHECK(started == 3);
  CHECK(!threads.contains(std::this_thread::get_id()));
}

TEST_CASE("this process may use at least one core") { CHECK(available_cores() >= 1); }

}  // namespace sublayer
