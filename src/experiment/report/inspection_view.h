#pragma once

#include "src/experiment/inspection.h"
#include "src/experiment/report/table.h"

#include <string>
#include <vector>

namespace sublayer::experiment::reporting {

// What the text and the page of an inspection say alike.

std::string layer_name(const std::string& module);  // "layer 1" of "decoder.layers.1.cross_attention.body"; the path if it has no layers

// A number beside each token of a side: the norms of its embedding, of what enters the first layer, and of each layer's output.
struct NormColumn {
  std::string title;
  std::vector<double> norms;  // one per token; NaN where there is none
};
std::vector<NormColumn> norm_columns(const InspectedSide& side);

TextTable token_table(const InspectedSide& side);     // a row per token: index, piece, id, norms
TextTable found_table(const Inspection& inspection);  // a row per hypothesis

// Pictures with the same tokens at rows and columns: self-attention of one side, or attention from one side to the other.
struct AttentionGroup {
  std::string heading, explanation, query_name, key_name;
  const InspectedSide* queries = nullptr;
  const InspectedSide* keys = nullptr;
  std::vector<const AttentionPicture*> pictures;  // those with cells
  std::vector<std::string> names;                 // of each picture within the group
};
std::vector<AttentionGroup> attention_groups(const Inspection& inspection);

// The piece of a token, or its index where the side has no such token.
std::string piece_at(const InspectedSide& side, int64_t index);

// 0 to 1: how strongly a weight is drawn. The root keeps an even spread over sixty keys apart from nothing; 0 of what is not finite.
double strength_of_weight(double weight);

// Whether a row of the next step begins with this row and continues with this token.
bool is_followed(const Inspection& inspection, size_t step, const FollowedRow& row, const ProbableToken& token);

std::string shade_legend();
std::string attention_text(const AttentionGroup& group);                        // in shades of characters
std::string legend_of_weights();                                                // in SVG
std::string attention_figure(const AttentionGroup& group);                      // in HTML; inspection_script draws the cells
std::string search_steps_figure(const Inspection& inspection);                  // in HTML
std::string token_figure(const InspectedSide& side, const std::string& label);  // token_table in HTML, with bars

std::string piece_html(const std::string& piece);  // set apart, so that spaces in it can be seen

inline constexpr const char* how_attention_is_read =
    "Each row is a query and shows how it divides its attention, which sums to 1, among the keys in the columns.";
inline constexpr const char* how_norms_are_read =
    "Lengths (L2 norms) of each token's vector: its embedding as the model scales it, with the position added, and after each layer.";
inline constexpr const char* how_steps_are_read =
    "Each step shows the beginnings that the search follows, best first, with their log-probability, and what the model finds most "
    "probable next.";

}  // namespace sublayer::experiment::reporting
