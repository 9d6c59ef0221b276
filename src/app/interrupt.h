#pragma once

#include <atomic>

namespace sublayer::app {

// From here on the first SIGINT or SIGTERM sets the returned flag, so that work ends at a good point; a second one ends the program at
// once.
const std::atomic<bool>& catch_interrupts();

// What a command returns after an interrupt: 128 + the signal.
int interrupted_status();

}  // namespace sublayer::app
