#include "src/experiment/sweep_display.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "src/core/clock.h"
#include "src/training/progress.h"

namespace sublayer::experiment {

using training::clock_text;

SweepDisplay::SweepDisplay(const std::vector<PlannedRun>& plan, std::string metric)
    : plan_(plan), metric_(std::move(metric)), is_terminal_(isatty(STDERR_FILENO) == 1) {
  for (const auto& run : plan_) width_ = std::max(width_, run.label.size());
}

void SweepDisplay::start(const std::vector<Outcome>& outcomes, int64_t to_do) {
  finished_ = outcomes.size() - static_cast<size_t>(to_do);
  std::fprintf(stderr, "%zu runs, %zu finished before\n", outcomes.size(), finished_);
}

void SweepDisplay::began(size_t index) {
  active_.insert(index);
  if (!is_terminal_) std::fprintf(stderr, "%s: training\n", plan_[index].label.c_str());
}

void SweepDisplay::ended(size_t index, const Outcome& outcome) {
  clear();
  active_.erase(index);
  ++finished_;
  std::string text = name_of(outcome.status);
  if (outcome.value) {
    char value[64];
    std::snprintf(value, sizeof value, "  %s %.4f", metric_.c_str(), *outcome.value);
    text += value;
  }
  if (!outcome.reason.empty()) text += ": " + outcome.reason;
  std::fprintf(stderr, "%-*s  %s  [%s]  %zu of %zu\n", static_cast<int>(width_), plan_[index].label.c_str(), text.c_str(),
               clock_text(outcome.seconds).c_str(), finished_, plan_.size());
}

bool SweepDisplay::is_due() const { return is_terminal_ && steady_seconds() - last_drawn_ > 1; }

void SweepDisplay::draw(const std::vector<Outcome>& outcomes) {
  clear();
  for (const size_t index : active_) {
    const auto& outcome = outcomes[index];
    constexpr int cells = 20;
    const int full = static_cast<int>(outcome.share * cells);
    const std::string bar = std::string(full, '#') + std::string(cells - full, '.');
    const std::string left = outcome.share > 0 ? clock_text(outcome.seconds * (1 - outcome.share) / outcome.share) + " left" : "";
    std::fprintf(stderr, "%-*s  [%s]  update %lld  loss %.4f  %s\n", static_cast<int>(width_), plan_[index].label.c_str(), bar.c_str(),
                 static_cast<long long>(outcome.update), outcome.loss, left.c_str());
  }
  lines_ = active_.size();
  last_drawn_ = steady_seconds();
}

void SweepDisplay::clear() {
  if (lines_ > 0) std::fprintf(stderr, "\033[%zuA\033[J", lines_);
  lines_ = 0;
}

void SweepDisplay::finish() { clear(); }

}  // namespace sublayer::experiment
