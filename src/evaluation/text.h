#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sublayer::evaluation {

// Unicode text as text metrics see it. Published scores come from Python programs, so white space and lower case
// mean what Python's str.isspace, strip, rstrip, split and lower mean.

// Those of a UTF-8 text. Throws std::invalid_argument with the byte position of the first ill-formed sequence: a score of
// text with replacement characters would be a score of another text.
std::u32string code_points(std::string_view text);

// Full lower case without a language: final sigma becomes its own letter, a dotted capital I becomes two code points.
// UTF-8 in and out; throws as code_points does.
std::string lower(std::string_view text);

// One side of a segment as metrics read it: its code points, lower-cased if asked for. An error of its text begins with `side`,
// "hypothesis" or "reference".
std::u32string code_points_of(std::string_view side, std::string_view text, bool lowercase = false);

bool is_space(char32_t code_point);

std::u32string_view strip_right(std::u32string_view text);
std::u32string_view strip(std::u32string_view text);

// Non-empty pieces between runs of white space. They are views into `text`.
std::vector<std::u32string_view> split(std::u32string_view text);

}  // namespace sublayer::evaluation
