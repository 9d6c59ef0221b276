#include "tests/support/small_model.h"

#include "models/initializer/initializer.h"

namespace sublayer::test {

std::shared_ptr<Seq2SeqModel> small_model(const std::string& yaml, const VocabularySizes& sizes, uint64_t seed, double deviation) {
  const auto small = config::parse_text(R"(
type: transformer
d_model: 16
layer:
  attention: {num_heads: 2}
  feed_forward: {d_ff: 24}
encoder: {num_layers: 2}
decoder: {num_layers: 2}
)",
                                        "small_model");
  Choice<Seq2SeqModel> choice;
  config::ReadLog log;
  config::bind(choice)->read(config::merge(small, config::parse_text(yaml, "test")), {"model", &log});
  auto model = choice.build(sizes);
  for (const auto& parameter : all_parameters(*model)) {
    at::Tensor values = parameter.tensor.detach();
    initializer::fill_normal(values, 0, deviation, Noise(seed)("small_model")(parameter.name));
  }
  return model;
}

}  // namespace sublayer::test
