#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/core/noise.h"

namespace sublayer {

// Sees activations by name while a pass runs.
class Observer {
 public:
  virtual ~Observer() = default;
  // `what` of the module at a path: "output" [N, d], or of an attention "weights" [N, heads, keys]; N packed tokens.
  virtual void see(const std::string& module_path, std::string_view what, const at::Tensor& value) = 0;
};

class PackedWeights;

// What travels with one forward pass beside the activations. One context serves one pass on one thread.
struct Context {
  bool is_training = false;
  bool fused = false;                                      // whether kernels may do several steps in one pass
  Noise noise;                                             // of this update and micro-batch; each dropout derives its own stream from it
  std::map<std::string, double>* dropout_sites = nullptr;  // where given, learns each site that drops and its rate
  Observer* observer = nullptr;                            // where given, modules take their plain paths and show what they make

  const PackedWeights* packed = nullptr;  // where given, products are made with these copies of the weights

  // By kernels where there are some, as in training.
  static Context evaluation(const PackedWeights* packed = nullptr) {
    Context context;
    context.fused = true;
    context.packed = packed;
    return context;
  }
  // By LibTorch's operators alone, which can be traced and observed.
  static Context plain() { return {}; }

  // Whether a kernel (models/kernels) takes the place of a composition of operators for x. An observer sees what each operator makes.
  bool fuses(const at::Tensor& x) const {
    return fused && !observer && x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  }

  // Shows a value to the observer, if there is one, and hands it on.
  at::Tensor observed(const std::string& module_path, std::string_view what, at::Tensor value) const {
    if (observer) observer->see(module_path, what, value);
    return value;
  }

  // The stream of the next draw at a named site of a module. A module called twice draws twice, and no site shifts another's draws.
  Noise next_draw(std::string_view module_path, std::string_view site) {
    const Noise stream = noise(module_path)(site);
    return stream(calls_[stream.key()]++);
  }

 private:
  std::unordered_map<uint64_t, uint64_t> calls_;
};

}  // namespace sublayer
