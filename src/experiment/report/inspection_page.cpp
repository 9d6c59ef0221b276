#include "src/experiment/report/escape.h"
#include "src/experiment/report/inspection_view.h"
#include "src/experiment/report/page_frame.h"
#include "src/experiment/report/plots.h"
#include "src/experiment/report/style.h"
#include "src/experiment/report/visible_text.h"

namespace sublayer::experiment {
namespace reporting {
namespace {

constexpr size_t longest_large_heading = 120;  // bytes; longer sentences are set smaller

std::string sentence_html(const std::string& text) {
  return text.empty() ? "<span class=\"soft\">(empty)</span>" : "<bdi>" + escape_html(visible_text(text)) + "</bdi>";
}

std::string header_of_inspection(const Inspection& inspection) {
  const bool is_long = inspection.source_text.size() + inspection.target_text.size() > longest_large_heading;
  std::string html = "<header>\n<p class=\"name\">One sentence, walked through the model</p>\n<h1" +
                     std::string(is_long ? " class=\"long\"" : "") + ">" + sentence_html(inspection.source_text) +
                     " <span class=\"soft\">\u2192</span> " + sentence_html(inspection.target_text) + "</h1>\n<dl class=\"provenance\">\n";
  for (const auto& [name, value] : {std::pair{"run", inspection.run}, {"weights", inspection.weights}, {"search", inspection.search}}) {
    if (!value.empty()) html += std::string("<dt>") + name + "</dt><dd>" + escape_html(visible_text(value)) + "</dd>\n";
  }
  return html + "</dl>\n</header>\n";
}

std::string side_html(const std::string& name, const InspectedSide& side) {
  return "<h3>" + name + "</h3>\n" + (side.tokens.empty() ? nothing_to_show("There are no tokens.") : token_figure(side, name));
}

std::string token_content(const Inspection& inspection) {
  return std::string("<p>") + how_norms_are_read + " Bars compare the norms of one side.</p>\n" + side_html("Source", inspection.source) +
         side_html("Target, as the decoder reads it", inspection.target);
}

std::string attention_content(const Inspection& inspection) {
  const std::vector<AttentionGroup> groups = attention_groups(inspection);
  if (groups.empty()) return nothing_to_show("No attention was recorded.");
  std::string html = std::string("<p>") + how_attention_is_read +
                     " Small pictures are heads (columns) of layers (rows); press one to see it large. Point at a cell to read it.</p>\n" +
                     legend_of_weights() + "<noscript>" +
                     nothing_to_show("The heat maps are drawn by a script in this file; this browser runs none.") + "</noscript>\n";
  for (const AttentionGroup& group : groups) html += attention_figure(group);
  return html;
}

std::string step_content(const Inspection& inspection) {
  return inspection.steps.empty() ? nothing_to_show("No steps were recorded.") : search_steps_figure(inspection);
}

std::string found_content(const Inspection& inspection) {
  return inspection.found.empty() ? nothing_to_show("The search found nothing.") : html_table(found_table(inspection), "Hypotheses");
}

}  // namespace
}  // namespace reporting

std::string inspection_html(const Inspection& inspection) {
  using namespace reporting;
  const std::string title = inspection.source_text.empty() ? "Inspection" : "Inspection: " + visible_text(inspection.source_text);
  return page_head(title, drawing_style() + page_style() + inspection_style()) + "<body class=\"inspection\">\n<main>\n" +
         header_of_inspection(inspection) + page_section("tokens", "Tokens", token_content(inspection)) +
         page_section("attention", "Attention", attention_content(inspection)) +
         page_section("steps", "Decoding step by step", step_content(inspection)) +
         page_section("found", "Hypotheses", found_content(inspection)) + "</main>\n<script>\n" + inspection_script() +
         "</script>\n</body>\n</html>\n";
}

}  // namespace sublayer::experiment
