#pragma once

#include <unordered_map>

#include "src/core/noise.h"

namespace sublayer {

// What travels with one forward pass beside the activations. One context serves one pass on one thread.
struct Context {
  bool is_training = false;
  Noise noise;  // of this update and micro-batch; each dropout derives its own stream from it

  static Context evaluation() { return {}; }

  // The how-manieth draw this is at a site of this pass: a module called twice draws twice.
  uint64_t next_call(const void* site) { return calls_[site]++; }

 private:
  std::unordered_map<const void*, uint64_t> calls_;
};

}  // namespace sublayer
