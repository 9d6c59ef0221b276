#include "src/experiment/report/escape.h"

#include "src/core/utf8.h"

namespace sublayer::experiment::reporting {
namespace {

bool is_allowed_in_xml(char32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c != 0x7F && c != 0xFFFE && c != 0xFFFF;
}

std::u32string displayable(std::string_view text) {
  std::u32string result = decode_utf8(text);
  for (char32_t& c : result) {
    if (!is_allowed_in_xml(c)) c = 0xFFFD;
  }
  return result;
}

std::string single_line(std::string_view text) {
  std::u32string result = displayable(text);
  for (char32_t& c : result) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return encode_utf8(result);
}

bool is_ascii_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Where a backslash keeps the line from being a list item, a heading or a rule; npos if nothing does.
size_t markdown_block_mark(const std::string& line) {
  const size_t first = line.find_first_not_of(' ');
  if (first == std::string::npos) return first;
  if (line[first] == '#' || line[first] == '=') return first;
  const auto ends_mark = [&](size_t i) { return i >= line.size() || line[i] == ' ' || line[i] == '-'; };
  if (line[first] == '-' || line[first] == '+') return ends_mark(first + 1) ? first : std::string::npos;
  const size_t end = line.find_first_not_of("0123456789", first);
  const bool is_numbered = end != std::string::npos && end > first && (line[end] == '.' || line[end] == ')') && ends_mark(end + 1);
  return is_numbered ? end : std::string::npos;
}

const char* latex_replacement(char32_t c) {
  switch (c) {
    case '\\':
      return "\\textbackslash{}";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "\\textless{}";
    case '>':
      return "\\textgreater{}";
    case '|':
      return "\\textbar{}";
    case '"':
      return "{''}";  // active with some languages of babel
    case '[':
      return "{[}";  // after the \\ of the row before it would begin an argument
    case ']':
      return "{]}";
    case '*':
      return "{*}";
    case '-':
      return "-{}";  // two in a row are two
    case 0x00B1:
      return "$\\pm$";
    case 0x2212:
      return "$-$";
    case 0x2013:
      return "--";
    case 0x2014:
      return "---";
    case 0x00A0:
      return "~";
    case 0x202F:
      return "\\,";
    default:
      return nullptr;
  }
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string result;
  for (const char c : encode_utf8(displayable(text))) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string escape_markdown(std::string_view text) {
  const std::string line = single_line(text);
  const size_t block_mark = markdown_block_mark(line);
  std::string result;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    // Inside a word an underscore is literal in GitHub's Markdown, and names of levels are easier to read without a backslash.
    const bool is_inside_word = i > 0 && i + 1 < line.size() && is_ascii_word(line[i - 1]) && is_ascii_word(line[i + 1]);
    const bool is_special = std::string_view("\\`*[]|~$").find(c) != std::string_view::npos || (c == '_' && !is_inside_word);
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else if (is_special || i == block_mark)
      (result += '\\') += c;
    else
      result += c;
  }
  return result;
}

std::string escape_latex(std::string_view text) {
  std::string result;
  for (const char32_t c : decode_utf8(single_line(text))) {
    if (const char* replacement = latex_replacement(c))
      result += replacement;
    else if (std::u32string_view(U"{}$&#_%").find(c) != std::u32string_view::npos)
      (result += '\\') += static_cast<char>(c);
    else
      append_utf8(result, c);
  }
  return result;
}

std::string quote_csv(std::string_view text) {
  const std::string clean = encode_utf8(displayable(text));
  const bool has_outer_space = !clean.empty() && (clean.front() == ' ' || clean.back() == ' ');
  if (clean.find_first_of("\",\r\n") == std::string::npos && !has_outer_space) return clean;
  std::string result = "\"";
  for (const char c : clean) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + '"';
}

std::string quote_json(std::string_view text) {
  std::string result = "\"";
  for (const char c : encode_utf8(displayable(text))) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\t':
        result += "\\t";
        break;
      case '<':
        result += "\\u003c";
        break;  // no </script> inside a string
      default:
        result += c;
    }
  }
  return result + '"';
}

std::string fit_text(std::string_view text, double width, double font_size) {
  const std::u32string characters = displayable(text);
  const auto width_of = [&](char32_t c) {
    return font_size * (c >= 0x1100 ? 1.0 : c < 0x80 && (c == 'i' || c == 'l' || c == '.') ? 0.3 : 0.56);
  };
  double total = 0;
  for (const char32_t c : characters) total += width_of(c);
  if (total <= width) return encode_utf8(characters);
  total = width_of(U'\u2014');
  size_t count = 0;
  while (count < characters.size() && total + width_of(characters[count]) <= width) total += width_of(characters[count++]);
  return encode_utf8(characters.substr(0, count)) + "\u2026";
}

}  // namespace sublayer::experiment::reporting
