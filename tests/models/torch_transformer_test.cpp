#include <ATen/ATen.h>

#include <cstdlib>
#include <filesystem>

#include "models/model.h"
#include "src/core/files.h"
#include "src/training/checkpoint.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::test {

// The other half of tests/interop/test_torch_transformer.py: in each folder below SUBLAYER_TEST_DIRECTORY, builds the model that model.yaml
// describes with the parameters of model.safetensors and writes its hidden states and gradients for the batch of batch.safetensors.
TEST_CASE("(computes what Python's torch.nn.Transformer computes)", "[.interop_torch]") {
  const char* root = std::getenv("SUBLAYER_TEST_DIRECTORY");
  REQUIRE(root);
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const auto folder = entry.path();
    INFO(folder.string());
    std::map<std::string, at::Tensor> batch;
    for (const auto& [name, tensor] : read_safetensors(folder / "batch.safetensors").tensors) batch[name] = tensor;
    const auto layout = [&](const char* lengths) {
      const auto* first = batch.at(lengths).const_data_ptr<int64_t>();
      return Layout::of_lengths({first, first + batch.at(lengths).numel()});
    };

    const int64_t vocabulary = batch.at("vocabulary").item<int64_t>();
    const auto model = choice_of<Seq2SeqModel>(read_file(folder / "model.yaml")).build(VocabularySizes{vocabulary, vocabulary, true});
    model->to(batch.at("upstream").scalar_type());
    training::restore(folder / "model.safetensors", training::named_parameters(*model));

    Context context = Context::evaluation();
    const auto memory = model->encode(batch.at("source"), layout("source_lengths"), context);
    const auto hidden = model->decode(batch.at("target"), layout("target_lengths"), memory, context);
    hidden.backward(batch.at("upstream"));
    NamedTensors results = {{"memory", memory.states.detach()}, {"hidden", hidden.detach()}};
    for (const auto& parameter : all_parameters(*model)) results.emplace_back("gradient." + parameter.name, parameter.tensor.grad());
    write_safetensors(folder / "results.safetensors", results);
  }
}

}  // namespace sublayer::test
