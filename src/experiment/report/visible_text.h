#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sublayer::experiment::reporting {

// One line of text in which control characters can be seen and steer no terminal: U+240A for a line feed, U+2400 + c for the others,
// U+FFFD for ill-formed UTF-8 and for marks that turn the direction of writing.
std::string visible_text(std::string_view text);

// Columns of a terminal: two for wide characters of East Asia and most emoji (Unicode Standard Annex 11), none for combining marks.
size_t display_width(std::string_view text);

// With spaces up to that many columns; never cut.
std::string padded_right(std::string text, size_t width);
std::string padded_left(std::string text, size_t width);

}  // namespace sublayer::experiment::reporting
