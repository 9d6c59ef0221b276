#include "src/experiment/inspection.h"

#include "src/core/utf8.h"
#include "src/experiment/report/inspection_view.h"
#include "src/experiment/report/visible_text.h"

#include "tests/support/catch.h"

#include <cmath>
#include <limits>
#include <regex>
#include <string>
#include <vector>

namespace sublayer::experiment {
namespace {

const std::string space_mark = "\u2581";  // SentencePiece's

InspectedSide side_with(const std::vector<std::string>& pieces, const std::string& coder) {
  InspectedSide side;
  std::vector<double> norms;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto number = static_cast<double>(i);
    side.tokens.push_back({static_cast<int64_t>(1000 + i), pieces[i], 1.25 + number, 2.5 + number});
    norms.push_back(30.75 + number);
  }
  side.layer_norms = {{coder + ".layers.0", norms}, {coder + ".layers.1", norms}};
  return side;
}

// Weights that differ from cell to cell; rows sum to 1.
AttentionPicture picture_of(const std::string& module, bool has_target_queries, bool has_target_keys, int64_t queries, int64_t keys) {
  AttentionPicture picture{module, has_target_queries, has_target_keys, 3, queries, keys, {}};
  for (int64_t row = 0; row < picture.heads * queries; ++row) {
    double sum = 0;
    for (int64_t key = 0; key < keys; ++key) sum += 1.0 + static_cast<double>((row * 7 + key * 5) % 11);
    for (int64_t key = 0; key < keys; ++key)
      picture.weights.push_back(static_cast<float>((1.0 + static_cast<double>((row * 7 + key * 5) % 11)) / sum));
  }
  return picture;
}

// Chinese to English, two layers, three heads, two rows of beam.
Inspection small_inspection() {
  Inspection inspection;
  inspection.run = "runs/small";
  inspection.weights = "best (update 900)";
  inspection.search = "beam";
  inspection.source_text = "\u6211\u53bb";
  inspection.target_text = "I go";
  inspection.source = side_with({space_mark + "\u6211", "\u53bb", "</s>"}, "encoder");
  inspection.target = side_with({"<s>", space_mark + "I", space_mark + "go", "e\u0301"}, "decoder");
  for (const std::string number : {"0", "1"}) {
    inspection.attention.push_back(picture_of("encoder.layers." + number + ".self_attention.body", false, false, 3, 3));
    inspection.attention.push_back(picture_of("decoder.layers." + number + ".self_attention.body", true, true, 4, 4));
    inspection.attention.push_back(picture_of("decoder.layers." + number + ".cross_attention.body", true, false, 4, 3));
  }
  inspection.steps = {{{{}, 0, {{1, space_mark + "I", 0.625}, {2, space_mark + "We", 0.25}}}},
                      {{{space_mark + "I"}, -0.47, {{3, space_mark + "go", 0.875}, {4, "</s>", 0.0625}}},
                       {{space_mark + "We"}, -1.386, {{3, space_mark + "go", 0.75}, {5, space_mark + "went", 0.125}}}}};
  inspection.found = {{"I go", -0.25, -0.5, true}, {"We go", -0.875, -1.75, false}};
  return inspection;
}

std::vector<std::string> both_forms(const Inspection& inspection) { return {inspection_text(inspection), inspection_html(inspection)}; }

size_t times(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  }
  return lines;
}

std::string without_script(const std::string& html) { return html.substr(0, html.rfind("<script>")); }

struct DrawnHead {
  std::string module;
  size_t keys = 0, queries = 0;
  std::vector<double> weights;
};

// What a page draws, read back from its elements: two digits of base 64 are twelve bits.
std::vector<DrawnHead> drawn_heads(const std::string& html) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::regex head("data-module=\"([^\"]*)\"[^>]*><canvas width=\"([0-9]+)\" height=\"([0-9]+)\" data-weights=\"([^\"]*)\"");
  std::vector<DrawnHead> heads;
  for (std::sregex_iterator match(html.begin(), html.end(), head), end; match != end; ++match) {
    heads.push_back({(*match)[1], std::stoul((*match)[2]), std::stoul((*match)[3]), {}});
    const std::string code = (*match)[4];
    for (size_t i = 0; i + 1 < code.size(); i += 2) {
      const size_t high = digits.find(code[i]), low = digits.find(code[i + 1]);
      const bool is_number = high != std::string::npos && low != std::string::npos;
      heads.back().weights.push_back(is_number ? static_cast<double>(64 * high + low) / 4095 : std::nan(""));
    }
  }
  return heads;
}

}  // namespace

TEST_CASE("an inspection shows the sentence, its run and every token with its norms") {
  for (const std::string& text : both_forms(small_inspection())) {
    for (const char* words : {"\u6211\u53bb", "I go", "runs/small", "best (update 900)", "beam"}) CHECK(has(text, words));
    for (const std::string& piece : {space_mark + "\u6211", space_mark + "go", std::string("e\u0301")}) CHECK(has(text, piece));
    for (const char* number : {"1000", "1003", "1.25", "4.25", "2.50", "5.50", "30.75", "33.75"}) CHECK(has(text, number));
    CHECK(has(text, "layer 1"));
  }
  CHECK(has(inspection_html(small_inspection()), "&lt;/s&gt;"));
  CHECK(has(inspection_text(small_inspection()), "</s>"));
}

TEST_CASE("a page has a picture of every head, from which each weight can be read back") {
  const Inspection inspection = small_inspection();
  const std::vector<DrawnHead> heads = drawn_heads(inspection_html(inspection));
  REQUIRE(heads.size() == 18);
  size_t seen = 0;
  for (const AttentionPicture& picture : inspection.attention) {
    int64_t head = 0;
    for (const DrawnHead& drawn : heads) {
      if (drawn.module != picture.module) continue;
      REQUIRE(drawn.weights.size() == static_cast<size_t>(picture.queries * picture.keys));
      CHECK(drawn.keys == static_cast<size_t>(picture.keys));
      CHECK(drawn.queries == static_cast<size_t>(picture.queries));
      for (int64_t query = 0; query < picture.queries; ++query) {
        for (int64_t key = 0; key < picture.keys; ++key) {
          const double weight = drawn.weights[static_cast<size_t>(query * picture.keys + key)];
          CHECK(std::abs(weight - picture.at(head, query, key)) < 0.5001 / 4095);
        }
      }
      ++head, ++seen;
    }
    CHECK(head == picture.heads);
  }
  CHECK(seen == heads.size());
}

TEST_CASE("pictures stand under the attention that they belong to") {
  const std::string html = inspection_html(small_inspection());
  CHECK(times(html, "<figure class=\"attention\">") == 3);
  const size_t source = html.find("Self-attention of the source"), target = html.find("Self-attention of the target");
  const size_t cross = html.find("Cross-attention from the target to the source");
  REQUIRE(cross != std::string::npos);
  const auto modules_between = [&](size_t begin, size_t end, const char* module) { return times(html.substr(begin, end - begin), module); };
  CHECK(modules_between(source, target, "data-module=\"encoder.layers.") == 6);
  CHECK(modules_between(target, cross, "data-module=\"decoder.layers.") == 6);
  CHECK(modules_between(cross, html.size(), ".cross_attention.body\"") == times(html, ".cross_attention.body\""));
}

TEST_CASE("the text draws a shade per cell, darker for a greater weight") {
  Inspection inspection = small_inspection();
  AttentionPicture picture{"decoder.layers.0.cross_attention.body", true, false, 2, 4, 3, {}};
  for (int64_t head = 0; head < 2; ++head) {
    for (const float weight : {1.0F, 0.0F, 0.0F, 0.3F, 0.3F, 0.4F, 0.0F, 0.05F, 0.95F, 0.5F, 0.02F, 0.48F})
      picture.weights.push_back(weight);
  }
  inspection.attention = {picture};
  const std::string text = inspection_text(inspection);
  CHECK(times(text, "head ") == 2);
  const std::string scale = " .:-=+*#%@";
  std::vector<std::string> rows;
  for (const std::string& line : lines_of(text.substr(text.find("head 0")))) {
    if (line.empty()) break;
    rows.push_back(line);
  }
  REQUIRE(rows.size() == 6);
  const size_t first = rows[1].find('0'), second = rows[1].find('0', first + 1);
  CHECK(rows[1].substr(first, 3) == "012");
  for (int64_t query = 0; query < 4; ++query) {
    // Labels have wide and combining characters, so places are counted in columns of the terminal.
    std::u32string row = decode_utf8(rows[static_cast<size_t>(query) + 2]);
    if (row.find(0x0301) != std::u32string::npos) row.erase(row.find(0x0301), 1);
    row.resize(second + 3, U' ');
    CHECK(row.substr(first, 3) == row.substr(second, 3));
    for (int64_t a = 0; a < 3; ++a) {
      for (int64_t b = 0; b < 3; ++b) {
        const size_t left = scale.find(static_cast<char>(row[first + static_cast<size_t>(a)]));
        const size_t right = scale.find(static_cast<char>(row[first + static_cast<size_t>(b)]));
        REQUIRE(left < scale.size());
        if (picture.at(0, query, a) > picture.at(0, query, b)) CHECK(left >= right);
        if (picture.at(0, query, a) > picture.at(0, query, b) + 0.3F) CHECK(left > right);
      }
    }
  }
}

TEST_CASE("heads that do not fit beside each other stand below each other") {
  Inspection inspection = small_inspection();
  inspection.attention = {picture_of("encoder.layers.0.self_attention.body", false, false, 60, 60)};
  const std::string text = inspection_text(inspection);
  for (const std::string& line : lines_of(text)) {
    const size_t head = line.find("head ");
    if (head != std::string::npos) CHECK(line.find("head ", head + 1) == std::string::npos);
  }
  CHECK(times(text, "012345678901234567890123456789012345678901234567890123456789") == 3);
  CHECK(drawn_heads(inspection_html(inspection)).size() == 3);
}

TEST_CASE("columns are aligned where characters are wide or combine") {
  using reporting::display_width;
  CHECK(display_width("abc") == 3);
  CHECK(display_width("\u6211\uff21\u30ab\ud55c\U0001f600") == 10);
  CHECK(display_width("e\u0301\u200d") == 1);
  CHECK(display_width("\u1112\u1161\u11ab") == 2);  // one syllable of Hangul from its letters
  CHECK(display_width(space_mark + "a") == 2);

  reporting::TextTable table = {{{"name"}, {"number", reporting::TextTable::Kind::number}, {"end"}}, {}};
  for (const std::string name : {"\u6211\u4eec", "e\u0301", "abcdef", ""}) table.rows.push_back({name, "12", "|"});
  for (const std::string& line : lines_of(reporting::terminal_table(table))) {
    if (const size_t end = line.find('|'); end != std::string::npos) CHECK(display_width(line.substr(0, end)) == 18);
  }

  const std::string text = inspection_text(small_inspection());
  const std::string begin = text.substr(text.find("\n  index"));
  const size_t place = display_width(begin.substr(1, begin.find("  id") + 3));
  for (const char* id : {"1000", "1001", "1002"}) {
    for (const std::string& line : lines_of(begin.substr(0, begin.find("\n\n")))) {
      if (const size_t at = line.find(id); at != std::string::npos) CHECK(display_width(line.substr(0, at + 4)) == place);
    }
  }
}

TEST_CASE("every row of the search is shown with what may come next") {
  const std::string text = inspection_text(small_inspection()), html = inspection_html(small_inspection());
  for (const char* number : {"0.625", "0.250", "0.875", "0.062", "0.750", "0.125", "\u22120.470", "\u22121.386"}) {
    CHECK(has(text, number));
    CHECK(has(html, number));
  }
  CHECK(times(html, "class=\"prefix\"") == 3);
  CHECK(times(html, "style=\"--part:0.875\"") == 1);
  CHECK(times(html, "<details class=\"step\" open>") == 2);
  CHECK(has(text, "\nstep 2\n"));
}

TEST_CASE("what the search goes on with is marked") {
  Inspection inspection = small_inspection();
  CHECK(has(inspection_text(inspection), space_mark + "I 0.625*   " + space_mark + "We 0.250*"));
  CHECK(times(inspection_html(inspection), "<li class=\"followed\"") == 2);
  inspection.steps[1].pop_back();
  CHECK(has(inspection_text(inspection), space_mark + "I 0.625*   " + space_mark + "We 0.250\n"));
  CHECK(times(inspection_html(inspection), "<li class=\"followed\"") == 1);
}

TEST_CASE("hypotheses have scores, and a note where the length limit ended them") {
  Inspection inspection = small_inspection();
  for (const std::string& text : both_forms(inspection)) {
    for (const char* words : {"We go", "\u22120.250", "\u22120.500", "\u22120.875", "\u22121.750"}) CHECK(has(text, words));
    CHECK(times(text, "the length limit ended it") == 1);
  }
  inspection.found[1].is_finished = true;
  for (const std::string& text : both_forms(inspection)) CHECK_FALSE(has(text, "length limit"));
}

TEST_CASE("text of a corpus becomes neither markup nor an order to the terminal") {
  const std::string hostile = "</script><script>alert(1)</script><img src=x onerror='a'>\"&\x1b[31m\x07\n\xff\u202e";
  Inspection inspection = small_inspection();
  inspection.run = inspection.weights = inspection.search = inspection.source_text = inspection.target_text = hostile;
  for (InspectedSide* side : {&inspection.source, &inspection.target}) {
    for (InspectedToken& token : side->tokens) token.piece = hostile;
    for (auto& [path, norms] : side->layer_norms) path = hostile;
  }
  for (AttentionPicture& picture : inspection.attention) picture.module = hostile;
  for (auto& step : inspection.steps) {
    for (FollowedRow& row : step) {
      for (std::string& piece : row.pieces) piece = hostile;
      for (ProbableToken& token : row.next) token.piece = hostile;
    }
  }
  for (FoundTarget& found : inspection.found) found.text = hostile;

  const std::string html = inspection_html(inspection), text = inspection_text(inspection);
  CHECK_FALSE(has(html, "<script>alert"));
  CHECK_FALSE(has(html, "<img"));
  CHECK(times(html, "</script>") == 1);
  CHECK(drawn_heads(html).size() == 18);
  for (const std::string& form : {html, text}) {
    CHECK_FALSE(first_invalid_utf8(form));
    CHECK(form.find_first_of("\x1b\x07") == std::string::npos);
    CHECK_FALSE(has(form, "\u202e"));
    CHECK(has(form, "\u241b[31m\u2407\u240a\ufffd\ufffd"));
  }
  // A line feed within a piece starts no line.
  CHECK(lines_of(text).size() == lines_of(inspection_text(small_inspection())).size());
}

TEST_CASE("the page forbids every request and names no other file") {
  const std::string html = inspection_html(small_inspection());
  CHECK(has(html, "default-src 'none'"));
  CHECK_FALSE(std::regex_search(html, std::regex("https?://|<link rel=\"stylesheet|\\ssrc=|url\\(")));
}

TEST_CASE("an inspection of little or nothing is still one") {
  Inspection only_end = small_inspection();
  only_end.source_text = only_end.target_text = "";
  only_end.source = side_with({"</s>"}, "encoder");
  only_end.target = side_with({"<s>"}, "decoder");
  only_end.attention = {picture_of("encoder.layers.0.self_attention.body", false, false, 1, 1)};
  only_end.attention[0].heads = 1;
  only_end.attention[0].weights = {1};
  only_end.steps = {{{{}, 0, {{0, "</s>", 1}}}}};
  only_end.found = {{"", 0, 0, true}};
  for (const std::string& text : both_forms(only_end)) CHECK(times(text, "(empty)") == 3);
  const auto heads = drawn_heads(inspection_html(only_end));
  REQUIRE(heads.size() == 1);
  CHECK(heads[0].weights == std::vector<double>{1});
  CHECK(has(inspection_text(only_end), "0 </s> @"));

  Inspection without_steps = small_inspection();
  without_steps.attention = {AttentionPicture{"encoder.layers.0.self_attention.body", false, false, 3, 0, 0, {}}};
  without_steps.steps.clear();
  without_steps.found.clear();
  for (const Inspection& inspection : {Inspection(), without_steps}) {
    for (const std::string& text : both_forms(inspection)) {
      CHECK(has(text, "No attention was recorded."));
      CHECK(has(text, "No steps were recorded."));
      CHECK(has(text, "The search found nothing."));
    }
    CHECK_FALSE(has(inspection_html(inspection), "<canvas"));
  }
}

TEST_CASE("numbers that are not finite are seen as such") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Inspection inspection = small_inspection();
  inspection.source.tokens[0].embedding_norm = nan;
  inspection.source.layer_norms[0].second.pop_back();
  inspection.attention[0].weights[4] = static_cast<float>(nan);
  inspection.steps[0][0].next[0].probability = nan;
  inspection.found[0].score = -std::numeric_limits<double>::infinity();
  const std::string html = inspection_html(inspection);
  CHECK(std::isnan(drawn_heads(html)[0].weights[4]));
  CHECK(has(inspection_text(inspection), "?"));
  for (const std::string& text : {without_script(html), inspection_text(inspection)}) {
    CHECK_FALSE(std::regex_search(text, std::regex("\\b(nan|inf|infinity)\\b", std::regex::icase)));
    CHECK(times(text, "\u2014") == 4);
  }
}

TEST_CASE("layers are named by their place in the model") {
  CHECK(reporting::layer_name("decoder.layers.12.cross_attention.body") == "layer 12");
  CHECK(reporting::layer_name("layers.3") == "layer 3");
  CHECK(reporting::layer_name("decoder.norm") == "decoder.norm");
  CHECK(reporting::layer_name("decoder.players.3") == "decoder.players.3");
  CHECK(reporting::layer_name("decoder.layers.last") == "decoder.layers.last");

  Inspection inspection = small_inspection();
  inspection.attention.push_back(picture_of("decoder.layers.0.second_attention.body", true, false, 4, 3));
  for (const auto& group : reporting::attention_groups(inspection)) {
    const bool is_cross = group.queries != group.keys;
    CHECK(group.names[0] == (is_cross ? group.pictures[0]->module : "layer 0"));
  }
}

}  // namespace sublayer::experiment
