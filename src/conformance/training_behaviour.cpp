#include <ATen/ATen.h>

#include <cmath>

#include "src/conformance/behaviour.h"
#include "src/conformance/choice.h"
#include "src/conformance/small_model.h"
#include "src/conformance/small_update.h"
#include "src/training/loss/loss.h"
#include "src/training/optimizer/optimizer.h"
#include "src/training/probe/probe.h"
#include "src/training/schedule/schedule.h"

namespace sublayer::conformance {
namespace {

// A loss and its gradients.
Behaviour observe_loss(const config::Node& options) {
  const auto hidden = random_tensor(Noise(1)("hidden"), {6, 5}).requires_grad_(),
             weight = random_tensor(Noise(1)("weight"), {7, 5}).requires_grad_(),
             bias = random_tensor(Noise(1)("bias"), {7}).requires_grad_();
  const auto value = choice_of<loss::Loss>(options).build()->forward(hidden, {weight, bias}, at::arange(6), Context());
  value.backward();
  Behaviour behaviour;
  for (const auto& tensor : {value, hidden.grad(), weight.grad(), bias.grad()}) behaviour.add(tensor);
  return behaviour;
}

// Parameters after each of a few updates.
Behaviour observe_optimizer(const config::Node& options) {
  const auto parameters = some_parameters(1);
  const auto optimizer = choice_of<optimizer::Optimizer>(options).build(parameters);
  Behaviour behaviour;
  for (int64_t update = 1; update <= 5; ++update) {
    optimizer->step(some_gradients(update), update, 1);
    for (const auto& parameter : parameters) behaviour.add(parameter.tensor);
  }
  return behaviour;
}

// Factors of some updates, ever farther from each other.
Behaviour observe_schedule(const config::Node& options) {
  const auto schedule = choice_of<schedule::Schedule>(options).build();
  Behaviour behaviour;
  for (double update = 1; update < 200000; update = std::ceil(update * 1.1)) {
    behaviour.numbers.push_back(schedule->factor(static_cast<int64_t>(update)));
  }
  return behaviour;
}

// Where and when it is taken, and what of.
Behaviour observe_probe(const config::Node& options) {
  const auto probe = choice_of<probe::Probe>(options).build();
  Behaviour behaviour;
  behaviour.say(probe->modules());
  for (int64_t update = 1; update <= 400; ++update) behaviour.numbers.push_back(probe->is_due(update));
  if (const auto* activations = dynamic_cast<const probe::ActivationProbe*>(probe.get())) {
    behaviour.say(std::string(activations->reads()));
    behaviour.numbers.push_back(activations->of(random_tensor(Noise(1)("value"), {4, 2, 3}).softmax(-1)));
  }
  if (const auto* parameters = dynamic_cast<const probe::ParameterProbe*>(probe.get())) {
    behaviour.numbers.push_back(parameters->of({{random_tensor(Noise(1)("gradient"), {3, 2}), random_tensor(Noise(1)("before"), {3, 2}),
                                                 random_tensor(Noise(1)("after"), {3, 2})}}));
  }
  return behaviour;
}

}  // namespace

Observers training_observers() {
  return {{loss::Loss::kind, observe_loss},
          {optimizer::Optimizer::kind, observe_optimizer},
          {schedule::Schedule::kind, observe_schedule},
          {probe::Probe::kind, observe_probe}};
}

}  // namespace sublayer::conformance
