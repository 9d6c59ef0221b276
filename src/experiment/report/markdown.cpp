#include "src/experiment/report/decision.h"
#include "src/experiment/report/escape.h"
#include "src/experiment/report/report.h"
#include "src/experiment/report/table.h"

namespace sublayer::experiment {

std::string report_markdown(const Findings& findings) {
  using namespace reporting;
  std::string text = "# " + escape_markdown(findings.question.empty() ? findings.name : findings.question) + "\n\n## Verdict\n" +
                     escape_markdown(verdict_summary(findings)) + "\n\n";
  for (const ComparisonFindings& comparison : findings.comparisons) {
    text += "- " + (comparison.stratum.empty() ? "" : "**" + escape_markdown(comparison.stratum) + "**: ") +
            escape_markdown(verdict_sentence(comparison)) + "\n";
  }
  if (!findings.arms.empty()) text += (findings.comparisons.empty() ? "" : "\n") + markdown_table(result_table(findings));

  text += "\n## How it was decided\n";
  for (const std::string& sentence : how_it_was_decided(findings)) text += escape_markdown(sentence) + "\n";
  if (!findings.looks.empty()) text += "\n";
  for (const std::string& look : findings.looks) text += "- " + escape_markdown(look) + "\n";
  if (const TextTable table = probability_table(findings); !table.rows.empty()) text += "\n" + markdown_table(table);
  if (const TextTable table = item_table(findings); !table.rows.empty()) {
    text += "\nOver the items of the test set, descriptive only:\n\n" + markdown_table(table);
  }
  if (!findings.signatures.empty()) text += "\nSignatures of the metrics:\n\n";
  for (const std::string& signature : findings.signatures) text += "- " + escape_markdown(signature) + "\n";

  if (findings.provenance.empty()) return text;
  text += "\n## Provenance\n";
  for (const auto& [name, value] : findings.provenance) text += "- " + escape_markdown(name) + ": " + escape_markdown(value) + "\n";
  return text;
}

}  // namespace sublayer::experiment
