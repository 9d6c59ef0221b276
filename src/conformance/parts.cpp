// What single kinds of a model's parts must do on their own.
#include <ATen/ATen.h>

#include "models/activation/activation.h"
#include "models/attention/attention.h"
#include "models/norm/norm.h"
#include "models/position/position.h"
#include "src/conformance/choice.h"
#include "src/conformance/property.h"

namespace sublayer::conformance {
namespace {

void draw_parameters(Module& module) {
  module.to(at::kDouble);
  for (const auto& parameter : all_parameters(module)) {
    parameter.tensor.detach().copy_(random_tensor(Noise(1)(parameter.name), parameter.tensor.sizes()));
  }
}

void check_activation(const Subject& subject, Findings& findings) {
  const auto activation = choice_of<activation::Activation>(subject.options).build();
  draw_parameters(*activation);
  const auto x = random_tensor(Noise(1), {7, 9}) * 3, y = activation->forward(x);
  findings.require(y.sizes() == x.sizes(), "the result has another shape");
  findings.require(are_close(activation->forward(x.t()), y.t()) && are_close(activation->forward(x.narrow(0, 2, 1)), y.narrow(0, 2, 1)),
                   "a value depends on more than its own element");
}

void check_norm(const Subject& subject, Findings& findings) {
  const auto norm = choice_of<norm::Norm>(subject.options).build(9);
  draw_parameters(*norm);
  const auto x = random_tensor(Noise(1), {7, 9}) * 3 + 1, y = norm->forward(x);
  findings.require(y.sizes() == x.sizes(), "the result has another shape");
  findings.require(are_close(norm->forward(x.narrow(0, 2, 1)), y.narrow(0, 2, 1)), "a token's values depend on other tokens");
  findings.require(!norm->is_identity() || y.equal(x), "is_identity, but activations are others after it");
}

void check_position(const Subject& subject, Findings& findings) {
  const auto position = choice_of<position::Position>(subject.options).build(6);
  draw_parameters(*position);
  const auto x = at::zeros({4, 6}, at::kDouble);
  const auto placed = position->embed(x, at::tensor({0, 1, 2, 3}, at::kLong));
  findings.require(placed.sizes() == x.sizes(), "embed gives another shape");
  findings.require(position->embed(x, at::tensor({3, 2, 1, 0}, at::kLong)).equal(placed.flip(0)),
                   "embed looks at the order of rows, not at the positions");
}

// With dropout inside, an attention may take another way than without.
void check_attention(const Subject& subject, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const auto model = builder_of(subject)("{embedding: {dropout: 0}, layer: {dropout: 0, attention: {dropout: 1.0e-12}}}");
  model->to(at::kDouble);
  Context context;
  context.is_training = true;
  findings.require(are_close(hidden_states(*model, {}, context), hidden_states(*model, {})),
                   "hidden states with a dropout of 1e-12 differ from those without");
}

}  // namespace

std::vector<Property> part_properties() {
  return {{"keeps the shape, and each of its values depends on one element alone", {activation::Activation::kind}, true, check_activation},
          {"treats each token alone", {norm::Norm::kind}, true, check_norm},
          {"tells places apart as it is told of them, not by the order of rows", {position::Position::kind}, true, check_position},
          {"computes with next to no dropout what it computes with none", {attention::Attention::kind}, true, check_attention}};
}

}  // namespace sublayer::conformance
