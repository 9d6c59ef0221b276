#include "src/app/conclusion_output.h"

#include <cstdio>

#include "src/experiment/report/report.h"

namespace sublayer::app {

void write_conclusion(const experiment::Findings& findings, const std::filesystem::path& directory) {
  experiment::write_report(directory, findings);
  std::printf("%s\n", findings.question.c_str());
  for (const auto& comparison : findings.comparisons) {
    const std::string where = comparison.stratum.empty() ? "" : comparison.stratum + ": ";
    std::printf("%s%s against %s: %s\n", where.c_str(), comparison.arm.c_str(), comparison.baseline.c_str(), comparison.sentence.c_str());
  }
  std::printf("%s\n", (directory / "report.html").string().c_str());
}

}  // namespace sublayer::app
