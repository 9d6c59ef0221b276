#pragma once

#include <ATen/ATen.h>

#include <functional>

#include "models/context.h"
#include "models/module.h"
#include "models/norm/norm.h"
#include "src/core/config/choice.h"

namespace sublayer::residual {

// The activations that run through a stack, [N, d_model].
struct Stream {
  at::Tensor main;
};

using Body = std::function<at::Tensor(const at::Tensor& x, Context& context)>;

// A stack as its residual sees it.
struct StackPlace {
  int64_t d_model;
  int64_t num_layers;
  const Choice<norm::Norm>& norm;  // of the stack's last layer
};

// A sublayer as its residual sees it.
struct SublayerPlace {
  int64_t d_model;
  const Choice<norm::Norm>& norm;
  double dropout;  // rate on the body's output
};

// One sublayer's norm, dropout and skip around its body.
class Connection : public Module {
 public:
  virtual Stream forward(Stream stream, const Body& body, Context& context) = 0;
};

// Where norm and skip stand around the sublayers of a stack.
class Residual : public Module {
 public:
  static constexpr const char* kind = "residual";
  static constexpr const char* kind_documentation = "where norm and skip stand around a sublayer";
  using Arguments = std::tuple<const StackPlace&>;

  virtual std::shared_ptr<Connection> connect(const SublayerPlace& place) const = 0;
  virtual Stream enter(const at::Tensor& x) { return {x}; }
  virtual at::Tensor leave(const Stream& stream) { return stream.main; }
};

}  // namespace sublayer::residual
