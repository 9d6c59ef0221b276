#include "src/app/interrupt.h"

#include <csignal>

namespace sublayer::app {
namespace {

std::atomic<bool> stop{false};
volatile std::sig_atomic_t stop_signal = 0;

void on_signal(int number) {
  stop_signal = number;
  stop = true;
  std::signal(number, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  return stop;
}

int interrupted_status() { return 128 + stop_signal; }

}  // namespace sublayer::app
