#pragma once

#include <string>
#include <string_view>

namespace sublayer::experiment::reporting {

// Text of any origin, made literal for one format. Ill-formed UTF-8 and characters that XML forbids become U+FFFD in all of them.

std::string escape_html(std::string_view text);      // content and attribute values, of HTML and of SVG as XML
std::string escape_markdown(std::string_view text);  // one line; also inside a table
std::string escape_latex(std::string_view text);     // one line; any cell of a tabular, also its first
std::string quote_csv(std::string_view text);        // quotes only where RFC 4180 asks for them
std::string quote_json(std::string_view text);       // with the quotes; safe inside <script>

// At most `width` wide in a sans-serif font of that size, cut off with an ellipsis.
std::string fit_text(std::string_view text, double width, double font_size);

}  // namespace sublayer::experiment::reporting
