#pragma once

namespace sublayer::bench {

// Bytes of this process in memory, now and at most.
double resident_bytes();
double peak_bytes();

// From here on peak_bytes counts anew. False where the system does not allow it: then it counts from the start of the process.
bool reset_peak_bytes();

// Seconds since the system started this process, to a hundredth.
double process_seconds();

}  // namespace sublayer::bench
