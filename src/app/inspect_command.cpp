#include <cstdio>
#include <memory>

#include "src/app/command.h"
#include "src/app/run_arguments.h"
#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/utf8.h"
#include "src/experiment/inspect.h"

namespace sublayer::app {
namespace {

struct InspectArguments {
  RunArguments run;
  std::string source, page;
  int64_t next_tokens = 5;
};

void run(const InspectArguments& given) {
  if (const auto byte = first_invalid_utf8(given.source))
    throw DataError("--source: invalid UTF-8 (byte " + std::to_string(*byte + 1) + ")");
  if (given.source.find('\n') != std::string::npos) throw DataError("--source: one sentence, without line breaks");
  const auto run = given.run.open();
  const auto inspection = experiment::inspect(run, given.source, given.next_tokens);
  std::fputs(experiment::inspection_text(inspection).c_str(), stdout);
  const auto page = given.page.empty() ? run.directory / "inspection.html" : std::filesystem::path(given.page);
  write_file_durably(page, experiment::inspection_html(inspection));
  std::printf("\nPictures: %s\n", page.c_str());
}

}  // namespace

void add_inspect(CLI::App& program) {
  auto* command = program.add_subcommand("inspect", "Walk one sentence through a trained model, as text and as a page");
  auto given = std::make_shared<InspectArguments>();
  given->run.add_to(*command);
  command->add_option("--source", given->source, "the sentence")->required();
  command->add_option("--page", given->page, "HTML file to write; default: inspection.html in the run");
  command->add_option("--next-tokens", given->next_tokens, "most probable next tokens that are shown for each hypothesis of each step")
      ->capture_default_str()
      ->check(at_least(1));
  command->footer("Example: sublayer inspect runs/multi30k_en_de --source 'A man is sleeping.' --set search.beam_size=3");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
