#include "models/residual/residual.h"

#include "models/dropout.h"

namespace sublayer::residual {

void BranchOptions::fields(config::Fields& v) {
  v.word("gain", gain, {"none", "scalar", "vector"},
         "trained factor on the branch: one number (ReZero, Bachlechner et al. 2020) or one for each feature (LayerScale, Touvron et al. "
         "2021)")
      .otherwise("scalar")
      .otherwise("vector");
  v("initial_gain", initial_gain, "first value of the gain: 0 in ReZero, 0.1 to 1e-6 in LayerScale; without a gain it does nothing")
      .otherwise("0.5", "{gain: scalar}");
  v("stochastic_depth", stochastic_depth,
    "probability that a micro-batch skips the sublayer in training (Huang et al. 2016); 0 switches it off")
      .otherwise("0.4");
}

void BranchOptions::check(config::Checker& c) const {
  c.require(gain != "none" || initial_gain == 0, "initial_gain", "needs a gain: scalar or vector");
  c.require(stochastic_depth >= 0 && stochastic_depth < 1, "stochastic_depth", "must be at least 0 and below 1");
}

Connection::Connection(const SublayerPlace& place) : dropout_(place.dropout), stochastic_depth_(place.branch.stochastic_depth) {
  if (place.branch.gain == "none") return;
  gain_ = add_parameter("gain", {place.branch.gain == "vector" ? place.d_model : 1}, Role::gain, place.branch.initial_gain);
}

Connection::Branch Connection::branch(const at::Tensor& x, const Body& body, Context& context) {
  const bool may_skip = context.is_training && stochastic_depth_ > 0;
  if (may_skip) {
    if (context.dropout_sites) (*context.dropout_sites)[path() + ".stochastic_depth"] = stochastic_depth_;
    const bool is_skipped = context.next_draw(path(), "stochastic_depth").uniform(0) < stochastic_depth_;
    if (is_skipped && !context.dropout_sites) return {at::zeros_like(x), {}};  // who asks for the sites wants those of the body too
  }
  const auto output = body(x, context);
  const Branch whole{output, drop_at(dropout_, *this, "output", context)};
  if (!may_skip && !gain_.defined()) return whole;
  auto y = whole.drawn();
  if (may_skip) y = y * (1 / (1 - stochastic_depth_));  // so that its mean is that of a pass without
  return {gain_.defined() ? y * gain_ : y, {}};
}

at::Tensor Connection::join(const at::Tensor& skip, const Branch& branch, const Context& context) {
  return context.fuses(skip) ? kernels::sum(skip, branch.y, branch.drop) : skip + branch.drawn();
}

}  // namespace sublayer::residual
