#include "tests/support/small_model.h"

#include "models/initializer/initializer.h"
#include "src/conformance/small_model.h"

namespace sublayer::test {

std::shared_ptr<Seq2SeqModel> small_model(const std::string& yaml, const VocabularySizes& sizes, uint64_t seed, double deviation) {
  const auto options = config::merge(config::parse_text("{type: transformer}", "small_model"), config::parse_text(yaml, "test"));
  auto model = conformance::build_model(conformance::small_model_config({Seq2SeqModel::kind, "transformer", "", options}), sizes);
  for (const auto& parameter : all_parameters(*model)) {
    at::Tensor values = parameter.tensor.detach();
    initializer::fill_normal(values, 0, deviation, Noise(seed)("small_model")(parameter.name));
  }
  return model;
}

}  // namespace sublayer::test
