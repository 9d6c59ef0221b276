#include "src/experiment/report/inspection_view.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/visible_text.h"

namespace sublayer::experiment {
namespace reporting {
namespace {

std::string shown_or_empty(const std::string& text) { return text.empty() ? "(empty)" : visible_text(text); }

std::string text_heading(const std::string& words) { return "\n" + words + "\n" + std::string(display_width(words), '-') + "\n"; }

std::string lines_of_header(const Inspection& inspection) {
  std::string text;
  for (const auto& [name, value] : {std::pair{"source", inspection.source_text},
                                    {"target", inspection.target_text},
                                    {"run", inspection.run},
                                    {"weights", inspection.weights},
                                    {"search", inspection.search}}) {
    text += padded_right(name, 9) + shown_or_empty(value) + "\n";
  }
  return text;
}

std::string text_of_side(const std::string& name, const InspectedSide& side) {
  return "\n" + name + "\n" + (side.tokens.empty() ? "  no tokens\n" : terminal_table(token_table(side)));
}

std::string text_of_attention(const Inspection& inspection) {
  const std::vector<AttentionGroup> groups = attention_groups(inspection);
  if (groups.empty()) return "No attention was recorded.\n";
  std::string text = std::string(how_attention_is_read) + "\n" + shade_legend();
  for (const AttentionGroup& group : groups) text += "\n" + attention_text(group);
  return text;
}

std::string text_of_row(const Inspection& inspection, size_t step, const FollowedRow& row) {
  std::string pieces, next;
  for (const std::string& piece : row.pieces) pieces += (pieces.empty() ? "" : " ") + visible_text(piece);
  for (const ProbableToken& token : row.next) {
    next += (next.empty() ? "" : "   ") + visible_text(token.piece) + " " + fixed(token.probability, 3) +
            (is_followed(inspection, step, row, token) ? "*" : "");
  }
  return padded_left(fixed(row.log_probability, 3), 10) + "  " + (row.pieces.empty() ? "(begin)" : pieces) + "\n" + std::string(12, ' ') +
         "> " + next + "\n";
}

std::string text_of_steps(const Inspection& inspection) {
  if (inspection.steps.empty()) return "No steps were recorded.\n";
  std::string text = std::string(how_steps_are_read) + "\nA star marks what the search goes on with.\n";
  for (size_t step = 0; step < inspection.steps.size(); ++step) {
    text += "\nstep " + std::to_string(step + 1) + "\n";
    for (const FollowedRow& row : inspection.steps[step]) text += text_of_row(inspection, step, row);
  }
  return text;
}

}  // namespace
}  // namespace reporting

std::string inspection_text(const Inspection& inspection) {
  using namespace reporting;
  return lines_of_header(inspection) + text_heading("Tokens") + how_norms_are_read + "\n" + text_of_side("source", inspection.source) +
         text_of_side("target, as the decoder reads it", inspection.target) + text_heading("Attention") + text_of_attention(inspection) +
         text_heading("Decoding step by step") + text_of_steps(inspection) + text_heading("Hypotheses") +
         (inspection.found.empty() ? "The search found nothing.\n" : terminal_table(found_table(inspection)));
}

}  // namespace sublayer::experiment
