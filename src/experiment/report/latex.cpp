#include "src/experiment/report/report.h"
#include "src/experiment/report/table.h"

namespace sublayer::experiment {

std::string report_latex(const Findings& findings) {
  reporting::TextTable table = reporting::result_table(findings);
  return "% Needs \\usepackage{booktabs}; names outside the Latin alphabet also need XeLaTeX or LuaLaTeX.\n" +
         reporting::latex_tabular(table);
}

}  // namespace sublayer::experiment
