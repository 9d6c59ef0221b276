#include "src/training/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "src/core/clock.h"

namespace sublayer::training {
namespace {

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  char buffer[256];
  std::snprintf(buffer, sizeof buffer, pattern, arguments...);
  return buffer;
}

size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 100;
}

}  // namespace

std::string clock_text(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(seconds, 0.0)));
  if (total >= 3600) return format("%lld:%02lld:%02lld", total / 3600, total / 60 % 60, total % 60);
  return format("%lld:%02lld", total / 60, total % 60);
}

Progress::Progress() : is_terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::report(const Report& report) {
  std::string text = format("update %lld  epoch %lld  loss %.4f  rate %.3g  %.0f tokens/s", static_cast<long long>(report.update),
                            static_cast<long long>(report.epoch), report.loss, report.learning_rate, report.tokens_per_second);
  if (report.seconds_left >= 0) text += "  " + clock_text(report.seconds_left) + " left";
  if (!is_terminal_) {
    if (report.is_record) std::fprintf(stderr, "%s\n", text.c_str());
    return;
  }
  if (steady_seconds() - last_drawn_ < 0.1) return;
  last_drawn_ = steady_seconds();
  const size_t width = terminal_width();
  if (report.done >= 0 && text.size() + 14 < width) {
    const size_t cells = std::min<size_t>(40, width - text.size() - 4);
    const auto full = static_cast<size_t>(std::min(report.done, 1.0) * static_cast<double>(cells));
    text = "[" + std::string(full, '#') + std::string(cells - full, '.') + "] " + text;
  }
  std::fprintf(stderr, "\r%s\033[K", text.substr(0, width - 1).c_str());
  std::fflush(stderr);
  has_bar_ = true;
}

void Progress::line(const std::string& text) {
  std::fprintf(stderr, "%s%s\n", has_bar_ ? "\r\033[K" : "", text.c_str());
  has_bar_ = false;
}

void Progress::finish() {
  if (has_bar_) std::fprintf(stderr, "\n");
  has_bar_ = false;
}

}  // namespace sublayer::training
