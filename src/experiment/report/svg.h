#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sublayer::experiment::reporting::svg {

// Elements of SVG as text. Strings of attributes and texts are escaped here, contents are elements and taken as they are.

struct Attribute {
  std::string name, value;
  Attribute(std::string name, std::string value) : name(std::move(name)), value(std::move(value)) {}
  Attribute(std::string name, const char* value) : name(std::move(name)), value(value) {}
  Attribute(std::string name, double value);
};
using Attributes = std::initializer_list<Attribute>;

std::string element(std::string_view name, Attributes attributes, std::string_view content = "");
std::string text(double x, double y, std::string_view css, std::string_view words);  // css: classes
std::string title(std::string_view words);                                           // shown while the pointer rests on the parent
std::string line(double x1, double y1, double x2, double y2, std::string_view css);

// A shape for each series, told apart without colour: disc, square, diamond, triangle, ... `content` may be a title.
std::string marker(size_t series, double x, double y, double radius, std::string_view css, std::string_view content = "");

std::string series_class(size_t series);  // "s3": sets the CSS variable --c
std::string dash(size_t series);          // of stroke-dasharray

// A line through points.
std::string path_through(const std::vector<std::pair<double, double>>& points);

}  // namespace sublayer::experiment::reporting::svg
