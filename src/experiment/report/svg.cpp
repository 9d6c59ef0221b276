#include "src/experiment/report/svg.h"

#include "src/experiment/report/escape.h"
#include "src/experiment/report/numbers.h"

#include <array>

namespace sublayer::experiment::reporting::svg {
namespace {

constexpr size_t colours = 8;  // of Okabe and Ito, the first being the ink; defined in the style sheet

using Shape = std::vector<std::pair<double, double>>;

// Polygons of about the area of a disc of radius 1; the disc itself has none.
const Shape& polygon(size_t series) {
  static const std::array<Shape, 8> shapes = {Shape{},
                                              Shape{{-0.9, -0.9}, {0.9, -0.9}, {0.9, 0.9}, {-0.9, 0.9}},
                                              Shape{{0, -1.3}, {1.2, 0.9}, {-1.2, 0.9}},
                                              Shape{{0, -1.35}, {1.35, 0}, {0, 1.35}, {-1.35, 0}},
                                              Shape{{0, 1.3}, {1.2, -0.9}, {-1.2, -0.9}},
                                              Shape{{-0.4, -1.2},
                                                    {0.4, -1.2},
                                                    {0.4, -0.4},
                                                    {1.2, -0.4},
                                                    {1.2, 0.4},
                                                    {0.4, 0.4},
                                                    {0.4, 1.2},
                                                    {-0.4, 1.2},
                                                    {-0.4, 0.4},
                                                    {-1.2, 0.4},
                                                    {-1.2, -0.4},
                                                    {-0.4, -0.4}},
                                              Shape{{0, -1.2}, {1.15, -0.37}, {0.71, 0.97}, {-0.71, 0.97}, {-1.15, -0.37}},
                                              Shape{{1.3, 0}, {-0.9, 1.2}, {-0.9, -1.2}}};
  return shapes[series % shapes.size()];
}

}  // namespace

Attribute::Attribute(std::string name, double value) : name(std::move(name)), value(coordinate(value)) {}

std::string element(std::string_view name, Attributes attributes, std::string_view content) {
  std::string result = "<" + std::string(name);
  for (const Attribute& attribute : attributes) {
    if (!attribute.value.empty()) result += " " + attribute.name + "=\"" + escape_html(attribute.value) + "\"";
  }
  if (content.empty()) return result + "/>";
  return result + ">" + std::string(content) + "</" + std::string(name) + ">";
}

std::string text(double x, double y, std::string_view css, std::string_view words) {
  return element("text", {{"x", x}, {"y", y}, {"class", std::string(css)}}, escape_html(words));
}

std::string title(std::string_view words) { return "<title>" + escape_html(words) + "</title>"; }

std::string line(double x1, double y1, double x2, double y2, std::string_view css) {
  return element("line", {{"x1", x1}, {"y1", y1}, {"x2", x2}, {"y2", y2}, {"class", std::string(css)}});
}

std::string marker(size_t series, double x, double y, double radius, std::string_view css, std::string_view content) {
  const std::string classes = std::string(css) + " " + series_class(series);
  const Shape& shape = polygon(series);
  if (shape.empty()) return element("circle", {{"cx", x}, {"cy", y}, {"r", radius}, {"class", classes}}, content);
  std::string points;
  for (const auto& [dx, dy] : shape)
    points += (points.empty() ? "" : " ") + coordinate(x + radius * dx) + "," + coordinate(y + radius * dy);
  return element("polygon", {{"points", points}, {"class", classes}}, content);
}

std::string series_class(size_t series) { return "s" + std::to_string(series < colours ? series : 1 + (series - 1) % (colours - 1)); }

std::string dash(size_t series) {
  static const std::array<const char*, 6> dashes = {"", "7 3", "2 2.5", "9 3 2 3", "5 2", "12 4"};
  return dashes[series % dashes.size()];
}

std::string path_through(const std::vector<std::pair<double, double>>& points) {
  std::string path;
  for (const auto& [x, y] : points) path += (path.empty() ? "M" : "L") + coordinate(x) + " " + coordinate(y);
  return path;
}

}  // namespace sublayer::experiment::reporting::svg
