#pragma once

#include "src/experiment/findings.h"

#include <filesystem>
#include <string>

namespace sublayer::experiment {

// Findings as text. All are pure functions: equal findings give equal bytes. A number that is not finite counts as absent everywhere.

// One page for a browser: no other file, no network.
std::string report_html(const Findings& findings);

// Question, verdicts, table and method in GitHub-flavoured Markdown.
std::string report_markdown(const Findings& findings);

// One row per run (RFC 4180, lines end in LF), numbers with 17 significant digits. Without times: a sweep that was killed and resumed gives
// the same bytes as one that was not.
std::string results_csv(const Findings& findings);

// The table of results for \input in LaTeX; needs the package booktabs.
std::string report_latex(const Findings& findings);

// Differences to the baseline with their intervals, as a file of its own for a README. Light and dark by the reader's preference.
std::string forest_plot_svg(const Findings& findings);

// report.html, report.md, results.csv, table.tex and forest.svg in a directory that exists.
void write_report(const std::filesystem::path& directory, const Findings& findings);

}  // namespace sublayer::experiment
