// What a model is worth once it is on the disk.
#include <ATen/ATen.h>

#include "src/conformance/property.h"
#include "src/conformance/sample_text.h"
#include "src/core/errors.h"
#include "src/core/safetensors.h"
#include "src/export/format/format.h"
#include "src/training/checkpoint.h"

namespace sublayer::conformance {
namespace {

void check_saving(const ModelBuilder& build, Findings& findings) {
  const at::NoGradGuard no_gradients;
  const auto saved = build("{}"), loaded = build("{}");
  const auto file = sample_folder() / "model.safetensors";
  write_safetensors(file, training::named_parameters(*saved));
  for (const auto& parameter : all_parameters(*loaded)) parameter.tensor.detach().fill_(7);
  training::restore(file, training::named_parameters(*loaded));
  findings.require(hidden_states(*loaded, {}).equal(hidden_states(*saved, {})),
                   "hidden states are others after saving and loading: something that they depend on is no parameter");
}

// A format compares its file with the model before it keeps it, for several sizes of batches and lengths, in steps and in searches.
void check_export(const ModelBuilder& build, Findings& findings) {
  const auto model = build("{}");
  for (const auto& name : Registry<format::Format>::instance().names()) {
    const auto format = Choice<format::Format>(name.c_str()).build();
    const format::ExportInput input{*model, {11, 11, true}, {}};
    try {
      format->check(input);
    } catch (const ConfigError& refusal) {
      findings.except("cannot be exported as " + name, refusal.what());
      continue;
    }
    format->write(input, sample_folder() / format->default_name());
  }
}

}  // namespace

std::vector<ModelProperty> file_properties() {
  return {{"is the same after saving and loading", check_saving},
          {"does in an exported file what it does here, for batches of other sizes and lengths", check_export}};
}

}  // namespace sublayer::conformance
