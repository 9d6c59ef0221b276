#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>

#include "data/tokenizer/tokenizer.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/export/format/format.h"
#include "src/export/torchscript/facts.h"
#include "src/export/torchscript/traced_functions.h"
#include "src/export/torchscript/tracing.h"
#include "src/export/torchscript/translate_source.h"
#include "src/export/torchscript/verification.h"

namespace sublayer::format {
namespace {

constexpr const char* facts_file = "sublayer.json";

// Traced from the model's own C++, so that there is no second implementation; the loop of the search is added as TorchScript. Every variant
// that is operators on tensors can be exported.
class TorchScript final : public Format {
 public:
  struct Options : config::Options {};
  explicit TorchScript(const Options&) {}

  std::string default_name() const override { return "model.pt"; }

  void check(const ExportInput& input) const override {
    torchscript::state_layout(input.model);
    if (input.extra_files.count(facts_file)) throw std::logic_error("format torchscript writes " + std::string(facts_file) + " itself");
  }

  void write(const ExportInput& input, const std::filesystem::path& output) const override {
    check(input);
    const std::string bytes = serialize(input);
    std::istringstream stream(bytes);
    auto exported = torch::jit::load(stream, at::kCPU);
    torchscript::verify(exported, input.model, input.sizes);
    write_file_durably(output, bytes);
  }

 private:
  static std::string serialize(const ExportInput& input) {
    auto module = torchscript::trace(input.model);
    for (const auto& [name, value] : {std::pair{"pad_id", tokenizer::pad_id},
                                      {"unknown_id", tokenizer::unknown_id},
                                      {"begin_id", tokenizer::begin_id},
                                      {"end_id", tokenizer::end_id},
                                      {"max_length", input.model.max_length()}}) {
      module.register_attribute(name, c10::IntType::get(), value);
    }
    module.define(torchscript::translate_source);
    torch::jit::ExtraFilesMap extra_files(input.extra_files.begin(), input.extra_files.end());
    extra_files[facts_file] = torchscript::facts(input);
    std::ostringstream stream;
    torch::jit::ExportModule(module, stream, extra_files);
    return std::move(stream).str();
  }
};

SUBLAYER_REGISTER(Format, TorchScript, "torchscript", "one file for torch.jit.load in Python and C++: encode, step and translate");

}  // namespace
}  // namespace sublayer::format
