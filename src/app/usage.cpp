#include "src/app/usage.h"

#include "src/core/suggest.h"

namespace sublayer::app {
namespace {

// Without a command: which there are.
std::string about_commands(const CLI::App& program) {
  const auto extras = program.remaining();
  const std::string first = extras.empty() ? "" : extras.front();
  std::vector<std::string> known;
  for (const auto* command : program.get_subcommands([](const CLI::App*) { return true; })) known.push_back(command->get_name());
  const std::string more = suggest(first, known) + ". `sublayer --help` says what they do";
  if (first.empty()) return "a command is missing." + more;
  return (first.starts_with("-") ? "unknown option '" : "unknown command '") + first + "'." + more;
}

std::string about_unknown_option(const CLI::App& command, const std::string& given) {
  std::vector<std::string> known;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) known.push_back("--" + name);
  }
  return "unknown option '" + given + "'." + suggest(given, known);
}

}  // namespace

CLI::Validator at_least(int64_t smallest) {
  const auto check = [smallest](const std::string& text) {
    int64_t number = 0;
    if (CLI::detail::lexical_cast(text, number) && number >= smallest) return std::string();
    return "'" + text + "' is not a whole number of at least " + std::to_string(smallest);
  };
  return CLI::Validator(check, "");
}

std::string wrong_use(const CLI::App& program, const CLI::ParseError& error) {
  const auto used = program.get_subcommands();
  if (used.empty()) return dynamic_cast<const CLI::ArgumentMismatch*>(&error) ? error.what() : about_commands(program);
  const CLI::App& command = *used.front();
  std::string what = error.what();
  for (const auto& extra : command.remaining()) {
    if (!extra.starts_with("-")) continue;
    what = about_unknown_option(command, extra);
    break;
  }
  return command.get_name() + ": " + what + ". `sublayer " + command.get_name() + " --help` shows an example";
}

}  // namespace sublayer::app
