#include "src/experiment/report/decision.h"
#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/page_frame.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/report.h"
#include "src/experiment/report/style.h"
#include "src/experiment/report/summary.h"
#include "src/experiment/report/table.h"

namespace sublayer::experiment {
namespace reporting {
namespace {

std::string paragraph(const std::string& text) { return "<p>" + escape_html(text) + "</p>\n"; }

std::string verdict_class(const std::string& verdict) {
  for (const char* plain : {"better", "worse", "equivalent"}) {
    if (verdict == plain) return std::string(" class=\"") + plain + "\"";
  }
  return "";
}

std::string verdict_section(const Findings& findings) {
  std::string html = "<p class=\"summary\">" + escape_html(verdict_summary(findings)) + "</p>\n";
  std::string list, stratum;
  for (const ComparisonFindings& comparison : findings.comparisons) {
    if (comparison.stratum != stratum) {
      if (!list.empty()) list += "</ul>\n";
      list += "<h3>" + escape_html(comparison.stratum) + "</h3>\n<ul class=\"verdicts\">\n";
      stratum = comparison.stratum;
    } else if (list.empty()) {
      list = "<ul class=\"verdicts\">\n";
    }
    list += "<li" + verdict_class(comparison.verdict) + ">" + escape_html(verdict_sentence(comparison)) + "</li>\n";
  }
  if (!list.empty()) list += "</ul>\n";
  html += list;
  if (findings.arms.empty()) return html + nothing_to_show("The experiment has no arms, so there is no table of results.");
  return html + html_table(result_table(findings), "Results by arm");
}

std::string numbers_of_arm(const ArmFindings& arm) {
  std::string text;
  if (arm.parameters > 0) text = grouped(arm.parameters) + " parameters";
  if (arm.flops_per_token > 0) text += (text.empty() ? "" : ", ") + scaled(arm.flops_per_token) + "FLOP per token forward";
  return text.empty() ? "" : "<p class=\"soft\">" + escape_html(text) + "</p>\n";
}

std::string arm_card(const ArmFindings& arm) {
  std::string html = "<article class=\"card\">\n<h3>" + escape_html(arm.name) +
                     (arm.is_baseline ? " <span class=\"soft\">baseline</span>" : "") + "</h3>\n" + numbers_of_arm(arm);
  if (arm.config_differences.empty() && !arm.is_baseline) html += "<p class=\"soft\">Its configuration is that of the baseline.</p>\n";
  if (arm.config_differences.empty() && arm.confounds.empty()) return html + "</article>\n";
  html += "<ul class=\"config\">\n";
  for (const std::string& difference : arm.config_differences) html += "<li>" + escape_html(difference) + "</li>\n";
  for (const std::string& confound : arm.confounds)
    html += "<li class=\"confound\">" + escape_html("Also differs: " + confound) + "</li>\n";
  return html + "</ul>\n</article>\n";
}

std::string arm_section(const Findings& findings) {
  std::string cards;
  for (const ArmFindings& arm : findings.arms) cards += arm_card(arm);
  if (cards.empty()) return nothing_to_show("There are no arms.");
  return "<p>What distinguishes each arm from the baseline of its stratum; a warning sign marks what differs beyond the compared "
         "axis.</p>\n<div class=\"cards\">\n" +
         cards + "</div>\n";
}

std::string example_section(const Findings& findings) {
  std::string html = "<p>Sentences of the test set on which the arms differ most. They are picked for that and are not typical.</p>\n";
  const auto entry = [](const std::string& term, const std::string& text) {
    return "<dt>" + escape_html(term) + "</dt><dd dir=\"auto\">" +
           (text.empty() ? "<span class=\"soft\">(empty)</span>" : escape_html(text)) + "</dd>\n";
  };
  for (const Example& example : findings.examples) {
    html += "<dl class=\"outputs\">\n" + entry("source", example.source) + entry("reference", example.reference);
    for (const auto& [arm, text] : example.outputs) html += entry(arm, text);
    html += entry("difference", signed_fixed(example.difference, 2)) + "</dl>\n";
  }
  return html;
}

std::string run_section(const Findings& findings) {
  const TextTable runs = run_table(findings);
  if (runs.rows.empty()) return nothing_to_show("There are no runs yet.");
  const std::string table = html_table(runs, "Runs");
  if (runs.rows.size() <= 12) return table;
  return "<details>\n<summary>" + std::to_string(runs.rows.size()) + " runs</summary>\n" + table + "</details>\n";
}

std::string decision_section(const Findings& findings) {
  std::string html;
  for (const std::string& sentence : how_it_was_decided(findings)) html += paragraph(sentence);
  if (!findings.looks.empty()) {
    html += "<h3>Looks</h3>\n<ul>\n";
    for (const std::string& look : findings.looks) html += "<li>" + escape_html(look) + "</li>\n";
    html += "</ul>\n";
  }
  if (const TextTable table = probability_table(findings); !table.rows.empty())
    html += "<h3>Behind the verdicts</h3>\n" + html_table(table, "Behind the verdicts");
  if (const TextTable table = item_table(findings); !table.rows.empty()) {
    html += "<h3>Over the items of the test set, descriptive only</h3>\n" + html_table(table, "Tests over items");
  }
  if (!findings.signatures.empty()) {
    html += "<h3>Signatures of the metrics</h3>\n<ul class=\"config\">\n";
    for (const std::string& signature : findings.signatures) html += "<li>" + escape_html(signature) + "</li>\n";
    html += "</ul>\n";
  }
  return html;
}

std::string provenance_section(const Findings& findings) {
  if (findings.provenance.empty()) return nothing_to_show("No provenance was recorded.");
  std::string html = "<dl class=\"provenance\">\n";
  for (const auto& [name, value] : findings.provenance) html += "<dt>" + escape_html(name) + "</dt><dd>" + escape_html(value) + "</dd>\n";
  return html + "</dl>\n";
}

}  // namespace
}  // namespace reporting

std::string report_html(const Findings& findings) {
  using namespace reporting;
  const std::string question = findings.question.empty() ? findings.name : findings.question;
  std::string html = page_head(findings.name.empty() ? "Experiment" : findings.name, drawing_style() + page_style()) +
                     "<body>\n<main>\n<header>\n<p class=\"name\">" + escape_html(findings.name) + "</p>\n<h1>" + escape_html(question) +
                     "</h1>\n</header>\n";
  html += page_section("verdict", "Verdict", verdict_section(findings));
  html += page_section("differences", "Differences", forest_figure(findings));
  html += page_section("curves", "Learning curves", curve_figure(findings));
  html += page_section("seeds", "Seeds", seed_figure(findings));
  if (const std::string figure = length_figure(findings); !figure.empty()) html += page_section("lengths", "Scores by length", figure);
  if (const std::string figure = profile_figure(findings); !figure.empty()) html += page_section("profiles", "Probes by depth", figure);
  if (!findings.examples.empty()) html += page_section("examples", "Examples", example_section(findings));
  html += page_section("arms", "Arms", arm_section(findings));
  html += page_section("runs", "Runs", run_section(findings));
  html += page_section("decision", "How it was decided", decision_section(findings));
  html += page_section("provenance", "Provenance", provenance_section(findings));
  return html + "</main>\n<script>\n" + page_script() + "</script>\n</body>\n</html>\n";
}

}  // namespace sublayer::experiment
