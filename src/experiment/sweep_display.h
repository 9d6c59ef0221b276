#pragma once

#include <set>
#include <string>
#include <vector>

#include "src/experiment/outcome.h"
#include "src/experiment/sweep.h"

namespace sublayer::experiment {

// What a person sees of a sweep: on a terminal a table of the runs under way that is drawn again in place, elsewhere a line whenever a run
// begins or ends.
class SweepDisplay {
 public:
  SweepDisplay(const std::vector<PlannedRun>& plan, std::string metric);
  void start(const std::vector<Outcome>& outcomes, int64_t to_do);
  void began(size_t index);
  void ended(size_t index, const Outcome& outcome);
  bool is_due() const;  // the table is old
  void draw(const std::vector<Outcome>& outcomes);
  void finish();

 private:
  void clear();

  const std::vector<PlannedRun>& plan_;
  std::string metric_;
  bool is_terminal_;
  std::set<size_t> active_;
  size_t finished_ = 0, lines_ = 0, width_ = 0;
  double last_drawn_ = 0;
};

}  // namespace sublayer::experiment
