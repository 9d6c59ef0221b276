#include "src/experiment/report/report.h"

#include "src/core/files.h"

namespace sublayer::experiment {

void write_report(const std::filesystem::path& directory, const Findings& findings) {
  write_file_durably(directory / "report.html", report_html(findings));
  write_file_durably(directory / "report.md", report_markdown(findings));
  write_file_durably(directory / "results.csv", results_csv(findings));
  write_file_durably(directory / "table.tex", report_latex(findings));
  write_file_durably(directory / "forest.svg", forest_plot_svg(findings));
}

}  // namespace sublayer::experiment
