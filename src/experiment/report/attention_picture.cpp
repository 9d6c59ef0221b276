#include "src/experiment/report/escape.h"
#include "src/experiment/report/inspection_view.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/svg.h"
#include "src/experiment/report/visible_text.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace sublayer::experiment::reporting {
namespace {

// Twelve bits of a weight as two digits of base 64 (RFC 4648): a picture of 60 x 60 cells takes 7 kB. inspection_script reads them.
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr double largest_code = 4095;

std::string encoded_weights(const AttentionPicture& picture, int64_t head) {
  std::string text;
  text.reserve(static_cast<size_t>(2 * picture.queries * picture.keys));
  for (int64_t query = 0; query < picture.queries; ++query) {
    for (int64_t key = 0; key < picture.keys; ++key) {
      const double weight = picture.at(head, query, key);
      if (!std::isfinite(weight)) {
        text += "??";
        continue;
      }
      const auto code = static_cast<size_t>(std::lround(largest_code * std::clamp(weight, 0.0, 1.0)));
      text += base64_digits[code / 64];
      text += base64_digits[code % 64];
    }
  }
  return text;
}

std::string size_of_canvas(const AttentionPicture& picture) {
  return " width=\"" + std::to_string(picture.keys) + "\" height=\"" + std::to_string(picture.queries) + "\"";
}

// A row per layer, a column per head; pressing one shows it large.
std::string grid_of_heads(const AttentionGroup& group) {
  int64_t heads = 0;
  for (const AttentionPicture* picture : group.pictures) heads = std::max(heads, picture->heads);
  std::string html = "<div class=\"scroll\"><div class=\"heads\" style=\"--heads:" + std::to_string(heads) + "\">\n<span></span>";
  for (int64_t head = 0; head < heads; ++head) html += "<span class=\"head-name\">" + std::to_string(head) + "</span>";
  for (size_t i = 0; i < group.pictures.size(); ++i) {
    const AttentionPicture& picture = *group.pictures[i];
    const std::string module = escape_html(visible_text(picture.module));
    html += "\n<span class=\"layer-name\" title=\"" + module + "\">" + escape_html(group.names[i]) + "</span>";
    for (int64_t head = 0; head < picture.heads; ++head) {
      const std::string name = escape_html(group.names[i] + ", head " + std::to_string(head));
      // The column is named, since a picture may have fewer heads than another.
      html += "\n<button type=\"button\" class=\"head\" style=\"grid-column:" + std::to_string(head + 2) + "\" data-name=\"" + name +
              "\" aria-label=\"" + name + "\" data-module=\"" + module + "\" aria-pressed=\"false\"><canvas" + size_of_canvas(picture) +
              " data-weights=\"" + encoded_weights(picture, head) + "\"></canvas></button>";
    }
  }
  return html + "\n</div></div>\n";
}

std::string labels_of_axis(const std::string& css, const InspectedSide& side, int64_t count) {
  std::string html = "<div class=\"" + css + "\">";
  for (int64_t i = 0; i < count; ++i) html += "<bdi>" + escape_html(piece_at(side, i)) + "</bdi>";
  return html + "</div>\n";
}

std::string large_map(const AttentionGroup& group) {
  int64_t queries = 0, keys = 0;
  for (const AttentionPicture* picture : group.pictures) {
    queries = std::max(queries, picture->queries);
    keys = std::max(keys, picture->keys);
  }
  return "<div class=\"large\">\n<p class=\"chosen\"></p>\n<div class=\"scroll\"><div class=\"map\" style=\"--keys:" +
         std::to_string(keys) + ";--queries:" + std::to_string(queries) + "\">\n<span class=\"corner\">" + group.query_name + " \u2193\n" +
         group.key_name + " \u2192</span>\n" + labels_of_axis("keys", *group.keys, keys) +
         labels_of_axis("queries", *group.queries, queries) +
         "<div class=\"cells\" tabindex=\"0\" role=\"img\" aria-label=\"heat map, arrow keys read its cells\"><canvas></canvas><i "
         "hidden></i>"
         "</div>\n</div></div>\n</div>\n";
}

}  // namespace

std::string attention_figure(const AttentionGroup& group) {
  const std::string explanation = group.explanation.empty() ? "" : "<p class=\"soft\">" + escape_html(group.explanation) + "</p>\n";
  return "<figure class=\"attention\">\n<h3>" + escape_html(group.heading) + "</h3>\n" + explanation + "<div class=\"pictures\">\n" +
         grid_of_heads(group) + large_map(group) + "</div>\n<div class=\"tip\" hidden></div>\n</figure>\n";
}

std::string legend_of_weights() {
  constexpr double width = 42, height = 12, space = 4;
  std::string marks;
  double x = 0.5;
  for (const double weight : {0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0}) {
    marks += svg::element("rect", {{"x", x},
                                   {"y", 0.5},
                                   {"width", width},
                                   {"height", height},
                                   {"class", "weight"},
                                   {"fill-opacity", coordinate(strength_of_weight(weight))}}) +
             svg::text(x + width / 2, height + 15, "tick middle", significant(weight, 2));
    x += width + space;
  }
  return svg::element(
      "svg",
      {{"viewBox", "0 0 " + coordinate(x) + " 30"}, {"class", "drawing weights"}, {"role", "img"}, {"aria-label", "colours of weights"}},
      marks);
}

}  // namespace sublayer::experiment::reporting
