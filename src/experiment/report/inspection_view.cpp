#include "src/experiment/report/inspection_view.h"

#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/visible_text.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace sublayer::experiment::reporting {
namespace {

constexpr const char* text_of_nothing = "(empty)";

AttentionGroup group_of(const Inspection& inspection, bool has_target_queries, bool has_target_keys) {
  AttentionGroup group;
  group.queries = has_target_queries ? &inspection.target : &inspection.source;
  group.keys = has_target_keys ? &inspection.target : &inspection.source;
  group.query_name = has_target_queries ? "target" : "source";
  group.key_name = has_target_keys ? "target" : "source";
  group.heading = has_target_queries == has_target_keys ? "Self-attention of the " + group.query_name
                                                        : "Cross-attention from the " + group.query_name + " to the " + group.key_name;
  if (has_target_queries) group.explanation = "A row is the token just read, where the model chooses the one after it.";
  for (const AttentionPicture& picture : inspection.attention) {
    const bool has_cells = picture.heads > 0 && picture.queries > 0 && picture.keys > 0;
    if (has_cells && picture.has_target_queries == has_target_queries && picture.has_target_keys == has_target_keys)
      group.pictures.push_back(&picture);
  }
  for (const AttentionPicture* picture : group.pictures) group.names.push_back(visible_text(layer_name(picture->module)));
  if (std::set<std::string>(group.names.begin(), group.names.end()).size() < group.names.size()) {
    for (size_t i = 0; i < group.names.size(); ++i) group.names[i] = visible_text(group.pictures[i]->module);
  }
  return group;
}

}  // namespace

std::string layer_name(const std::string& module) {
  constexpr std::string_view marker = "layers.";
  const size_t at = module.find(marker);
  if (at == std::string::npos || (at > 0 && module[at - 1] != '.')) return module;
  const size_t begin = at + marker.size(), end = std::min(module.find('.', begin), module.size());
  const std::string number = module.substr(begin, end - begin);
  const bool is_number = !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? "layer " + number : module;
}

std::vector<NormColumn> norm_columns(const InspectedSide& side) {
  std::vector<NormColumn> columns = {{"embedding", {}}, {"+ position", {}}};
  for (const InspectedToken& token : side.tokens) {
    columns[0].norms.push_back(token.embedding_norm);
    columns[1].norms.push_back(token.input_norm);
  }
  for (const auto& [path, norms] : side.layer_norms) {
    columns.push_back({visible_text(layer_name(path)), norms});
    columns.back().norms.resize(side.tokens.size(), std::numeric_limits<double>::quiet_NaN());
  }
  return columns;
}

TextTable token_table(const InspectedSide& side) {
  using Kind = TextTable::Kind;
  TextTable table;
  table.columns = {{"index", Kind::number}, {"piece", Kind::text}, {"id", Kind::number}};
  const std::vector<NormColumn> columns = norm_columns(side);
  for (const NormColumn& column : columns) table.columns.push_back({column.title, Kind::number});
  for (size_t i = 0; i < side.tokens.size(); ++i) {
    const InspectedToken& token = side.tokens[i];
    table.rows.push_back({std::to_string(i), visible_text(token.piece), std::to_string(token.id)});
    for (const NormColumn& column : columns) table.rows.back().push_back(fixed(column.norms[i], 2));
  }
  return table;
}

TextTable found_table(const Inspection& inspection) {
  using Kind = TextTable::Kind;
  TextTable table;
  table.columns = {{"rank", Kind::number}, {"score", Kind::number}, {"log-probability", Kind::number}, {"text"}, {"note"}};
  for (size_t i = 0; i < inspection.found.size(); ++i) {
    const FoundTarget& found = inspection.found[i];
    table.rows.push_back({std::to_string(i + 1), fixed(found.score, 3), fixed(found.log_probability, 3),
                          found.text.empty() ? text_of_nothing : visible_text(found.text),
                          found.is_finished ? "" : "the length limit ended it"});
  }
  table.drop_empty_columns();
  return table;
}

std::vector<AttentionGroup> attention_groups(const Inspection& inspection) {
  std::vector<AttentionGroup> groups;
  for (const auto& [has_target_queries, has_target_keys] : {std::pair{false, false}, {true, true}, {true, false}, {false, true}}) {
    groups.push_back(group_of(inspection, has_target_queries, has_target_keys));
    if (groups.back().pictures.empty()) groups.pop_back();
  }
  return groups;
}

std::string piece_at(const InspectedSide& side, int64_t index) {
  const auto i = static_cast<size_t>(index);
  return i < side.tokens.size() ? visible_text(side.tokens[i].piece) : std::to_string(index);
}

double strength_of_weight(double weight) { return std::isfinite(weight) ? std::sqrt(std::clamp(weight, 0.0, 1.0)) : 0; }

bool is_followed(const Inspection& inspection, size_t step, const FollowedRow& row, const ProbableToken& token) {
  if (step + 1 >= inspection.steps.size()) return false;
  return std::any_of(inspection.steps[step + 1].begin(), inspection.steps[step + 1].end(), [&](const FollowedRow& next) {
    return next.pieces.size() == row.pieces.size() + 1 && next.pieces.back() == token.piece &&
           std::equal(row.pieces.begin(), row.pieces.end(), next.pieces.begin());
  });
}

std::string piece_html(const std::string& piece) { return "<bdi class=\"piece\">" + escape_html(visible_text(piece)) + "</bdi>"; }

}  // namespace sublayer::experiment::reporting
