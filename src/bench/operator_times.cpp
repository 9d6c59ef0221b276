#include "src/bench/operator_times.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "src/core/clock.h"

namespace sublayer::bench {
namespace {

// Seconds by part, and of Part::other by name.
struct Seconds {
  std::array<double, part_count> parts{};
  std::map<std::string, double> other;

  void add(Part part, const std::string& name, double seconds) {
    parts[static_cast<size_t>(part)] += seconds;
    if (part == Part::other) other[name] += seconds;
  }
};

// What all threads have seen. `update` is of the thread that leads the training, `micro_batch` of the workers.
struct Record {
  std::mutex mutex;
  Seconds update, micro_batch;
  double waited_for_workers = 0, micro_batches = 0;
};
Record record;

struct Known {
  std::string name;
  const Owner* owner;
};

struct Frame {
  const Known* known;
  Part part;
  double entered, started;  // before and after the watching's own work
  double inner = 0;         // seconds in frames within this one, with the watching of them
};

// Of one thread. Only what lies below a root counts; a checkpoint's operators, for one, do not.
struct Watch {
  std::vector<Frame> frames;
  std::unordered_map<std::string, Known> known;
  Seconds seconds;
  double waited_for_workers = 0;
};
thread_local Watch watch;

const std::string update_scope = "sublayer::update", micro_batch_scope = "sublayer::micro_batch",
                  micro_batches_scope = "sublayer::micro_batches";

const Known& look_up(const char* recorded) {
  const auto [entry, is_new] = watch.known.try_emplace(recorded);
  if (is_new) {
    auto name = plain_name(recorded);
    const Owner* const owner = owner_of(name);
    entry->second = {std::move(name), owner};
  }
  return entry->second;
}

// A root has ended: what its thread has seen goes to the common record.
void hand_over(const std::string& root, double seconds) {
  const std::lock_guard lock(record.mutex);
  auto& sum = root == update_scope ? record.update : record.micro_batch;
  for (size_t i = 0; i < part_count; ++i) sum.parts[i] += watch.seconds.parts[i];
  for (const auto& [name, time] : watch.seconds.other) sum.other[name] += time;
  record.waited_for_workers += watch.waited_for_workers;
  if (root == micro_batch_scope) record.micro_batches += seconds;
  watch.seconds = {};
  watch.waited_for_workers = 0;
}

std::unique_ptr<at::ObserverContext> enter(const at::RecordFunction& function) {
  const double entered = steady_seconds();
  const Known& known = look_up(function.name());
  const bool is_root = known.name == update_scope || known.name == micro_batch_scope;
  if (watch.frames.empty() && !is_root) return nullptr;
  const Part outer = watch.frames.empty() ? Part::other : watch.frames.back().part;
  watch.frames.push_back({&known, part_within(outer, known.owner), entered, steady_seconds()});
  return nullptr;
}

void leave(const at::RecordFunction& function, at::ObserverContext*) {
  const double ended = steady_seconds();
  if (watch.frames.empty()) return;
  const Known& known = look_up(function.name());
  const Frame frame = watch.frames.back();
  if (&known != frame.known) return;  // entered before the watching began
  watch.frames.pop_back();
  const double self = ended - frame.started - frame.inner;
  if (known.name == micro_batches_scope) {
    watch.waited_for_workers += self;
  } else {
    watch.seconds.add(frame.part, known.name, self);
  }
  if (watch.frames.empty()) return hand_over(known.name, ended - frame.started);
  watch.frames.back().inner += steady_seconds() - frame.entered;
}

}  // namespace

OperatorTimes::OperatorTimes() {
  record.update = record.micro_batch = {};
  record.waited_for_workers = record.micro_batches = 0;
  handle_ =
      at::addGlobalCallback(at::RecordFunctionCallback(enter, leave)
                                .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION, at::RecordScope::USER_SCOPE}));
}

OperatorTimes::~OperatorTimes() { at::removeCallback(handle_); }

TimeShares OperatorTimes::shares(int64_t workers) const {
  const std::lock_guard lock(record.mutex);
  const auto threads = static_cast<double>(workers);
  TimeShares shares;
  for (size_t i = 0; i < part_count; ++i) shares.parts[i] = threads * record.update.parts[i] + record.micro_batch.parts[i];
  shares.parts[static_cast<size_t>(Part::waiting)] += std::max(0.0, threads * record.waited_for_workers - record.micro_batches);
  for (const auto& [name, seconds] : record.update.other) shares.other[name] += threads * seconds;
  for (const auto& [name, seconds] : record.micro_batch.other) shares.other[name] += seconds;
  double sum = 0;
  for (const double seconds : shares.parts) sum += seconds;
  if (sum == 0) return shares;
  for (double& part : shares.parts) part /= sum;
  for (auto& [name, part] : shares.other) part /= sum;
  return shares;
}

}  // namespace sublayer::bench
