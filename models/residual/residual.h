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
  at::Tensor dual;  // of a residual that keeps a second one
};

using Body = std::function<at::Tensor(const at::Tensor& x, Context& context)>;

// A stack as its residual sees it.
struct StackPlace {
  int64_t d_model;
  bool is_decoder;
  int64_t encoder_layers, decoder_layers;
  const Choice<norm::Norm>& norm;  // of the stack's last layer
};

// What may be done to a sublayer's branch before it joins the stream, with every residual.
struct BranchOptions : config::Options {
  std::string gain = "none";
  double initial_gain = 0;
  double stochastic_depth = 0;
  void fields(config::Fields& v) override;
  void check(config::Checker& c) const override;
};

// A sublayer as its residual sees it.
struct SublayerPlace {
  int64_t d_model;
  const Choice<norm::Norm>& norm;
  double dropout;  // rate on the body's output
  const BranchOptions& branch;
};

// One sublayer's norm, dropout and skip around its body.
class Connection : public Module {
 public:
  explicit Connection(const SublayerPlace& place);
  virtual Stream forward(Stream stream, const Body& body, Context& context) = 0;

 protected:
  // What joins the stream, gain * dropout(body(x)), its dropout not drawn yet where this can be done while it joins. While stochastic depth
  // leaves the sublayer out it is 0, and the body does not run.
  struct Branch {
    at::Tensor y;
    kernels::Drop drop;
    at::Tensor drawn() const { return kernels::dropout(y, drop); }
  };
  Branch branch(const at::Tensor& x, const Body& body, Context& context);

  // skip + branch.
  static at::Tensor join(const at::Tensor& skip, const Branch& branch, const Context& context);

 private:
  double dropout_, stochastic_depth_;
  at::Tensor gain_;  // undefined where there is none
};

// Where norm and skip stand around the sublayers of a stack.
class Residual : public Module {
 public:
  static constexpr const char* kind = "residual";
  static constexpr const char* kind_documentation = "where norm and skip stand around a sublayer";
  using Arguments = std::tuple<const StackPlace&>;

  virtual std::shared_ptr<Connection> connect(const SublayerPlace& place) const = 0;
  virtual Stream enter(const at::Tensor& x) { return {x, {}}; }
  virtual at::Tensor leave(const Stream& stream) { return stream.main; }
};

}  // namespace sublayer::residual
