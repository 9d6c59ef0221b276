#include <unistd.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "src/app/command.h"
#include "src/conformance/conformance.h"
#include "src/core/errors.h"

namespace sublayer::app {
namespace {

struct ConformanceArguments {
  std::vector<std::string> filters;
  bool is_json = false;
};

// On a terminal, one line that is drawn again in place.
void show_progress(size_t number, size_t count, const std::string& what) {
  if (isatty(STDERR_FILENO) != 1) return;
  constexpr size_t width = 90;
  std::fprintf(stderr, "\r%zu of %zu  %s\033[K%s", number, count, what.substr(0, width).c_str(), number == count ? "\r\033[K" : "");
  std::fflush(stderr);
}

void run(const ConformanceArguments& given) {
  std::vector<conformance::Filter> filters;
  for (const auto& text : given.filters) filters.push_back(conformance::parse_filter(text));
  const auto report = conformance::run(filters, show_progress);
  if (given.is_json) {
    std::printf("%s\n", report.to_json().dump(2).c_str());
  } else {
    std::printf("%s%s", report.failure_text().c_str(), report.summary().c_str());
  }
  if (report.failures() > 0) exit_status = 1;
}

}  // namespace

void add_conformance(CLI::App& program) {
  auto* command = program.add_subcommand("conformance", "Check registered variants: what each must do, and that every option acts");
  auto given = std::make_shared<ConformanceArguments>();
  command->add_option("variants", given->filters, "kinds or single variants: norm, norm/rms_norm (default: everything registered)");
  command->add_flag("--json", given->is_json, "print JSON");
  command->footer(
      "Example: sublayer conformance feed_forward/gated norm\n"
      "Exit status 1: some property does not hold; a line says of which variant, and what to look at.");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
