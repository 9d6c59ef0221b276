#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "src/app/command.h"
#include "src/app/usage.h"
#include "src/experiment/model_facts.h"
#include "src/experiment/run_config.h"

namespace sublayer::app {
namespace {

struct ExplainArguments {
  std::string config;
  std::vector<std::string> overrides;
  int64_t vocabulary = 0;
};

void print_values(const experiment::LoadedConfig& loaded) {
  std::vector<config::Description> values;
  config::describe(loaded.config, {}, values);
  for (const auto& value : values) {
    const auto* origin = loaded.log.find(value.logged_path);
    std::printf("%-58s %-24s # %s [%s]\n", value.path.c_str(), value.value.c_str(), value.documentation.c_str(),
                origin ? origin->text().c_str() : "default");
  }
  for (const auto& line : loaded.log.dropped) std::printf("# %s\n", line.c_str());
}

void print_model(const experiment::RunConfig& config, int64_t vocabulary) {
  const bool is_joint = dynamic_cast<const tokenizer::TokenizerOptions&>(config.tokenizer.options()).joint;
  const auto model = config.model.build(VocabularySizes{vocabulary, vocabulary, is_joint});
  // Parameters of a module are those of all modules below it.
  std::map<std::string, int64_t> counts;
  for (const auto& parameter : all_parameters(*model)) {
    const int64_t count = parameter.tensor.numel();
    for (std::string path = parameter.name; path.rfind('.') != std::string::npos;) {
      path.resize(path.rfind('.'));
      counts[path] += count;
    }
  }
  std::printf("\nmodules and parameters, with a vocabulary of %lld:\n", static_cast<long long>(vocabulary));
  for (const auto& child : model->named_modules("", false)) {
    const auto& path = child.key();
    const auto depth = static_cast<int>(std::count(path.begin(), path.end(), '.'));
    const auto count = counts.count(path) ? counts[path] : 0;
    std::printf("%*s%-*s %12lld\n", 2 * depth, "", 40 - 2 * depth, path.substr(path.rfind('.') + 1).c_str(), static_cast<long long>(count));
  }
  const double forward = experiment::forward_flops(*model);
  std::printf("%lld parameters\n", static_cast<long long>(experiment::parameter_count(*model)));
  std::printf(
      "%.4g MFLOPs forward, %.4g MFLOPs in training per pair of a source and a target token (matrix products with weights; attention "
      "adds 4 d_model per layer and visible key)\n",
      forward / 1e6, 3 * forward / 1e6);
}

void run(const ExplainArguments& given) {
  const auto loaded = experiment::load_config(given.config, given.overrides);
  print_values(loaded);
  int64_t vocabulary = given.vocabulary;
  if (vocabulary == 0) vocabulary = dynamic_cast<const tokenizer::TokenizerOptions&>(loaded.config.tokenizer.options()).stated_size();
  if (vocabulary == 0) {
    std::printf("\nThe vocabulary's size is known once the tokenizer is trained: --vocabulary N shows modules and parameters.\n");
    return;
  }
  print_model(loaded.config, vocabulary);
}

}  // namespace

void add_explain(CLI::App& program) {
  auto* command = program.add_subcommand("explain", "Print every value of a config with its origin, and the model that it makes");
  auto given = std::make_shared<ExplainArguments>();
  command->add_option("config", given->config, "YAML file")->required();
  command->add_option("--set", given->overrides, "override a value: key.path=value (may be repeated)")->take_all();
  command->add_option("--vocabulary", given->vocabulary, "size to show the model with (default: the one that the tokenizer states)")
      ->check(at_least(1));
  command->footer("Example: sublayer explain configs/multi30k_en_de.yaml --set model.layer.residual=pre");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
