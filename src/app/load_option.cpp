#include "src/app/load_option.h"

#include <memory>
#include <vector>

#include "src/app/command_line.h"
#include "src/core/variant_file.h"

namespace sublayer::app {

void add_load_option(CLI::App& program) {
  const auto files = std::make_shared<std::vector<std::string>>();
  const auto add_to = [&files](CLI::App& app) {
    const auto collect = [files](const std::vector<std::string>& given) { files->insert(files->end(), given.begin(), given.end()); };
    app.add_option_function<std::vector<std::string>>("--load", collect, "shared object with variants of your own (may be repeated)")
        ->take_all()
        ->allow_extra_args(false);
  };
  for (auto* command : program.get_subcommands([](const CLI::App*) { return true; })) add_to(*command);
  add_to(program);
  program.parse_complete_callback([files] {
    for (const auto& file : *files) load_variant_file(file);
  });
}

std::vector<std::string> load_words() {
  std::vector<std::string> words;
  for (const auto& file : loaded_variant_files()) words.insert(words.end(), {"--load", file.given});
  return words;
}

std::string load_text() {
  std::string text;
  for (const auto& file : loaded_variant_files()) text += " --load " + quoted(file.given);
  return text;
}

}  // namespace sublayer::app
