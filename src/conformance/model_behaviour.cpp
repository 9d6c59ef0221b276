#include <ATen/ATen.h>

#include <fstream>
#include <sstream>

#include "src/conformance/behaviour.h"
#include "src/conformance/choice.h"
#include "src/conformance/sample_text.h"
#include "src/conformance/small_model.h"
#include "src/export/format/format.h"

namespace sublayer::conformance {
namespace {

// The parameters with their first values, and the logits and hidden states of a model with random ones, out of training and in it.
Behaviour observe_model(const config::Node& model_config) {
  const at::NoGradGuard no_gradients;
  const auto model = build_model(model_config);
  Behaviour behaviour;
  model->initialize(Noise(1));
  for (const auto& parameter : all_parameters(*model)) {
    std::ostringstream shape;
    shape << parameter.name << " " << parameter.tensor.sizes();
    behaviour.say(shape.str());
    behaviour.add(parameter.tensor);
  }
  behaviour.say(model->max_length());
  fill(*model);
  model->to(at::kDouble);
  behaviour.add(model->output_projection().logits(hidden_states(*model, {})));
  Context context;
  context.is_training = true;
  behaviour.add(hidden_states(*model, {}, context));
  return behaviour;
}

Behaviour observe_format(const config::Node& options) {
  const auto format = choice_of<format::Format>(options).build();
  const auto model = builder_of({Seq2SeqModel::kind, "transformer", "", yaml("{type: transformer}")})("{}");
  const auto file = sample_folder() / format->default_name();
  format->write({*model, {11, 11, true}, {}}, file);
  std::ifstream stream(file, std::ios::binary);
  Behaviour behaviour;
  behaviour.say(format->default_name(), std::string(std::istreambuf_iterator<char>(stream), {}));
  return behaviour;
}

}  // namespace

Observers model_observers() {
  Observers observers = {{format::Format::kind, observe_format}};
  for (const auto* registry : all_registries()) {
    const std::string kind = registry->kind();
    if (!stands_in_model(kind)) continue;
    observers[kind] = [kind](const config::Node& options) {
      return observe_model(small_model_config({kind, options.find("type")->scalar, "", options}));
    };
  }
  return observers;
}

}  // namespace sublayer::conformance
