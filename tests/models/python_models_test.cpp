#include <ATen/ATen.h>

#include <cstdlib>
#include <filesystem>

#include "models/model.h"
#include "src/core/files.h"
#include "src/decoding/search/search.h"
#include "src/training/checkpoint.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"

namespace sublayer::test {
namespace {

Layout layout_of(const at::Tensor& lengths) {
  const auto* first = lengths.const_data_ptr<int64_t>();
  return Layout::of_lengths({first, first + lengths.numel()});
}

// What greedy search finds for each source, one row of ids after the other, and how long the rows are.
NamedTensors greedy_targets(Seq2SeqModel& model, const at::Tensor& source, const at::Tensor& source_lengths, int64_t max_length) {
  const std::vector<int64_t> limits(source_lengths.numel(), max_length);
  std::vector<int64_t> ids, lengths;
  for (const auto& hypotheses : choice_of<search::Search>("greedy").build()->run(model, source, layout_of(source_lengths), limits)) {
    const auto& found = hypotheses.front().ids;
    ids.insert(ids.end(), found.begin(), found.end());
    lengths.push_back(std::ssize(found));
  }
  return {{"greedy", at::tensor(ids, at::kLong)}, {"greedy_lengths", at::tensor(lengths, at::kLong)}};
}

}  // namespace

// The other half of tests/interop/same_model.py: in each folder below SUBLAYER_TEST_DIRECTORY, builds the model that model.yaml describes
// with the parameters of model.safetensors and writes what it makes of batch.safetensors: states, logits, gradients and, where a length is
// given, the targets of greedy search.
TEST_CASE("(computes what models of Python's libraries compute)", "[.interop_models]") {
  const char* root = std::getenv("SUBLAYER_TEST_DIRECTORY");
  REQUIRE(root);
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const auto folder = entry.path();
    INFO(folder.string());
    std::map<std::string, at::Tensor> batch;
    for (const auto& [name, tensor] : read_safetensors(folder / "batch.safetensors").tensors) batch[name] = tensor;

    const int64_t vocabulary = batch.at("upstream").size(1);
    const auto model = choice_of<Seq2SeqModel>(read_file(folder / "model.yaml")).build(VocabularySizes{vocabulary, vocabulary, true});
    model->to(batch.at("upstream").scalar_type());
    training::restore(folder / "model.safetensors", training::named_parameters(*model));

    Context context = Context::plain();
    const auto memory = model->encode(batch.at("source"), layout_of(batch.at("source_lengths")), context);
    const auto hidden = model->decode(batch.at("target"), layout_of(batch.at("target_lengths")), memory, context);
    const auto projection = model->output_projection();
    const auto logits = at::linear(hidden, projection.weight, projection.bias);
    logits.backward(batch.at("upstream"));
    NamedTensors results = {{"memory", memory.states.detach()}, {"logits", logits.detach()}};
    for (const auto& parameter : all_parameters(*model)) results.emplace_back("gradient." + parameter.name, parameter.tensor.grad());
    if (batch.contains("max_length")) {
      const auto found = greedy_targets(*model, batch.at("source"), batch.at("source_lengths"), batch.at("max_length").item<int64_t>());
      results.insert(results.end(), found.begin(), found.end());
    }
    write_safetensors(folder / "results.safetensors", results);
  }
}

}  // namespace sublayer::test
