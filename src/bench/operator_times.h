#pragma once

#include <ATen/record_function.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "src/bench/parts.h"

namespace sublayer::bench {

// Where a training spends its time: shares of the workers' time in updates, which sum to 1. While the leading thread steps the optimizer,
// nobody else works, so that all workers count as busy with it.
struct TimeShares {
  std::array<double, part_count> parts{};
  std::map<std::string, double> other;  // of Part::other, by name
};

// Watches the operators, autograd nodes and scopes that LibTorch records, in every thread, from its construction to its end: each takes a
// fraction of a microsecond longer, so nothing should be timed meanwhile. One at a time, made and destroyed while no operator runs.
class OperatorTimes {
 public:
  OperatorTimes();
  ~OperatorTimes();
  OperatorTimes(const OperatorTimes&) = delete;
  OperatorTimes& operator=(const OperatorTimes&) = delete;

  // Of the updates so far, which `workers` threads worked on.
  TimeShares shares(int64_t workers) const;

 private:
  at::CallbackHandle handle_;
};

}  // namespace sublayer::bench
