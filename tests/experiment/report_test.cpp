#include "src/experiment/report/report.h"

#include "src/core/utf8.h"
#include "src/experiment/report/escape.h"
#include "src/experiment/report/mean_curve.h"
#include "src/experiment/report/numbers.h"
#include "src/experiment/report/scale.h"

#include "tests/support/catch.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>
#include <string>
#include <vector>

namespace sublayer::experiment {
namespace {

RunFindings run_with(int64_t seed, double value) {
  RunFindings run;
  run.seed = seed;
  run.status = "done";
  run.value = value;
  run.also = {10 * value};
  run.curve = {{100, value + 1}, {200, value + 0.5}, {300, value}};
  run.seconds = 12.5;
  return run;
}

ArmFindings arm_with(const std::string& level, const std::string& stratum, bool is_baseline, const std::vector<double>& values) {
  ArmFindings arm;
  arm.name = level + (stratum.empty() ? "" : "+" + stratum);
  arm.level = level;
  arm.stratum = stratum;
  arm.is_baseline = is_baseline;
  arm.levels = {{"activation", level}, {"residual", stratum}};
  arm.parameters = 1234567;
  arm.flops_per_token = 0.1;
  for (size_t i = 0; i < values.size(); ++i) arm.runs.push_back(run_with(static_cast<int64_t>(i) + 1, values[i]));
  return arm;
}

ComparisonFindings comparison_with(const std::string& arm, const std::string& baseline, const std::string& stratum, double difference) {
  ComparisonFindings comparison;
  comparison.stratum = stratum;
  comparison.arm = arm;
  comparison.baseline = baseline;
  comparison.has_difference = true;
  comparison.difference = difference;
  comparison.interval = {difference - 0.1, difference + 0.1};
  comparison.p = comparison.p_adjusted = 0.0004;
  comparison.verdict = "better";
  comparison.sentence = arm + " beats " + baseline + ".";
  return comparison;
}

// Two strata of three arms over two seeds.
Findings small_findings() {
  Findings findings;
  findings.name = "activations";
  findings.question = "Does it matter?";
  findings.metric = "valid.loss";
  findings.at = "best";
  findings.also = {"test.bleu"};
  findings.axis = "activation";
  findings.test = "paired";
  for (const char* stratum : {"pre", "post"}) {
    findings.arms.push_back(arm_with("relu", stratum, true, {2.5, 2.6}));
    findings.arms.push_back(arm_with("gelu", stratum, false, {2.25, 2.375}));
    findings.arms.push_back(arm_with("silu", stratum, false, {2.1, 2.3}));
    findings.comparisons.push_back(comparison_with("gelu", "relu", stratum, -0.2375));
    findings.comparisons.push_back(comparison_with("silu", "relu", stratum, -0.35));
  }
  return findings;
}

std::vector<std::string> all_formats(const Findings& findings) {
  return {report_html(findings), report_markdown(findings), results_csv(findings), report_latex(findings), forest_plot_svg(findings)};
}

size_t occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// RFC 4180, written from its grammar.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"')
      rows.back().back() += text[++i];
    else if (c == '"')
      is_quoted = !is_quoted;
    else if (!is_quoted && c == ',')
      rows.back().emplace_back();
    else if (!is_quoted && c == '\n')
      rows.push_back({""});
    else
      rows.back().back() += c;
  }
  rows.pop_back();
  return rows;
}

}  // namespace

TEST_CASE("each arm, run and comparison has its marks in the report") {
  const std::string html = report_html(small_findings());
  CHECK(occurrences(html, "class=\"estimate ") == 4);
  CHECK(occurrences(html, "class=\"interval ") == 4);
  CHECK(occurrences(html, "class=\"curve ") == 6);
  CHECK(occurrences(html, "class=\"band ") == 6);
  CHECK(occurrences(html, "class=\"seed ") == 12);
  CHECK(occurrences(html, "class=\"pair\"") == 4);
  CHECK(contains(html, "4 comparisons: 4 better."));
  CHECK(contains(html, "gelu beats relu."));
  CHECK(contains(html, "2.550 \u00b1 0.071"));
  CHECK_FALSE(contains(html, "class=\"margin\""));
}

TEST_CASE("a margin of equivalence is drawn as a band and explained") {
  Findings findings = small_findings();
  CHECK(contains(report_markdown(findings), "No margin of equivalence was stated"));
  findings.margin = 0.05;
  CHECK(occurrences(report_html(findings), "class=\"margin\"") == 1);
  CHECK(contains(report_markdown(findings), "within \u00b10.05"));
}

TEST_CASE("the side that is better follows the metric") {
  Findings findings = small_findings();
  CHECK(contains(forest_plot_svg(findings), "\u2190 arm better"));
  findings.higher_is_better = true;
  CHECK(contains(forest_plot_svg(findings), "arm better \u2192"));
}

TEST_CASE("text of an experiment cannot become markup") {
  const std::string hostile = "</script><script>alert(1)</script><img src=x onerror='a'>\"&";
  Findings findings = small_findings();
  findings.name = findings.question = findings.metric = findings.axis = findings.test = findings.at = findings.curve_metric = hostile;
  findings.also = findings.signatures = findings.looks = {hostile};
  findings.examples = {{hostile, hostile, {{hostile, hostile}}, 1}};
  findings.lengths = {{findings.arms[0].name, hostile, {{hostile, 1}, {"2", 2}}}};
  findings.profiles = {{hostile, hostile, 20, {{findings.arms[0].name, {{0, 1, 1, 1}}}, {hostile, {{0, 1, 1, 2}}}}}};
  findings.provenance = {{hostile, hostile}};
  for (ArmFindings& arm : findings.arms) {
    arm.level += hostile;
    arm.stratum += hostile;
    arm.config_differences = arm.confounds = {hostile};
    for (RunFindings& run : arm.runs) run.directory = run.reason = hostile;
    arm.runs[0].status = hostile;
  }
  for (ComparisonFindings& comparison : findings.comparisons) {
    comparison.arm += hostile;
    comparison.stratum += hostile;
    comparison.baseline = comparison.verdict = comparison.sentence = hostile;
    comparison.items = {{hostile, 1, {0, 2}, 0.5}};
  }
  const std::string html = report_html(findings);
  CHECK_FALSE(contains(html, "<script>alert"));
  CHECK_FALSE(contains(html, "<img"));
  CHECK(occurrences(html, "</script>") == occurrences(report_html(small_findings()), "</script>"));
  CHECK_FALSE(contains(forest_plot_svg(findings), "<script"));
  CHECK_FALSE(contains(report_markdown(findings), "<script"));
}

TEST_CASE("letters of all languages stay, ill-formed text does not") {
  Findings findings = small_findings();
  findings.question = "\u4f60\u597d, \u03b1 \u2260 \u03b2?\x01";
  for (const std::string& text : {report_html(findings), report_markdown(findings)}) {
    CHECK(contains(text, "\u4f60\u597d, \u03b1 \u2260 \u03b2?\ufffd"));
  }
  findings.arms[0].runs[0].status = "failed";
  findings.question = findings.metric = findings.comparisons[0].arm = findings.arms[0].runs[0].reason = "\xff\xfe broken \xc3";
  for (const std::string& text : all_formats(findings)) CHECK_FALSE(first_invalid_utf8(text));
}

TEST_CASE("a value that is not finite is absent, never printed") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  Findings findings = small_findings();
  findings.margin = nan;
  findings.lengths = {{findings.arms[0].name, "test.bleu", {{"1-5", nan}, {"6-10", infinity}}}};
  findings.comparisons[0].difference = nan;
  findings.comparisons[1].interval = {-infinity, infinity};
  findings.comparisons[2].correlation = findings.comparisons[2].pairing_gain = infinity;
  findings.comparisons[3].p_adjusted = findings.comparisons[3].p = nan;
  findings.comparisons[3].items = {{"test.bleu", nan, {nan, infinity}, nan}};
  findings.examples = {{"a", "b", {}, nan}};
  for (ArmFindings& arm : findings.arms) {
    arm.flops_per_token = nan;
    arm.runs[0].value = nan;
    arm.runs[0].also = {infinity};
    arm.runs[0].curve[1].value = -infinity;
    arm.runs[0].seconds = nan;
  }
  findings.name = findings.question = findings.metric = findings.axis = "x";
  findings.arms[1].runs[1].curve.clear();
  for (std::string text : all_formats(findings)) {
    if (const size_t script = text.rfind("<script>"); script != std::string::npos) text.erase(script);
    CHECK_FALSE(std::regex_search(text, std::regex("\\b(nan|inf|infinity)\\b", std::regex::icase)));
  }
}

TEST_CASE("findings without runs, values, curves or baselines still make a report") {
  Findings nothing;
  Findings without_values = small_findings(), one_arm = small_findings(), one_seed = small_findings();
  for (ArmFindings& arm : without_values.arms) {
    for (RunFindings& run : arm.runs) {
      run.status = "failed";
      run.value.reset();
      run.also.clear();
      run.curve.clear();
    }
  }
  for (ComparisonFindings& comparison : without_values.comparisons) comparison.has_difference = false;
  one_arm.arms.resize(1);
  one_arm.comparisons.clear();
  for (ArmFindings& arm : one_seed.arms) arm.runs.resize(1);
  for (ComparisonFindings& comparison : one_seed.comparisons) comparison.has_difference = false;

  for (const Findings& findings : {nothing, without_values, one_arm, one_seed}) {
    for (const std::string& text : all_formats(findings)) CHECK_FALSE(text.empty());
    CHECK(contains(report_html(findings), "There is no difference to draw"));
    CHECK(occurrences(report_html(findings), "class=\"estimate ") == 0);
  }
  CHECK(contains(report_html(without_values), "There are no learning curves"));
  CHECK(contains(report_html(without_values), "No run has a value"));
  CHECK(contains(report_html(without_values), "2 failed"));
  CHECK_FALSE(contains(report_html(without_values), "class=\"drawing\""));
  CHECK(contains(report_html(one_arm), "Nothing is compared"));
  CHECK(occurrences(report_html(one_seed), "class=\"band ") == 0);
  CHECK(occurrences(report_html(one_seed), "class=\"curve ") == 6);
}

TEST_CASE("runs that are not done are drawn apart from the mean and counted") {
  Findings findings = small_findings();
  findings.arms[1].runs[0].status = "diverged";
  findings.arms[1].runs[0].value.reset();
  const std::string html = report_html(findings);
  CHECK(occurrences(html, "class=\"lost ") == 1);
  CHECK(occurrences(html, "class=\"band ") == 5);
  CHECK(contains(html, "1 diverged"));
  CHECK(contains(html, "1 of 2"));
  CHECK(contains(html, "1 of 12 runs is not done and has no value. It is missing"));
}

TEST_CASE("a curve of one point is a dot with its values") {
  Findings findings = small_findings();
  CHECK(occurrences(report_html(findings), " dot\"") == 0);
  for (RunFindings& run : findings.arms[1].runs) run.curve.resize(1);
  findings.arms[2].runs[1].status = "diverged";
  findings.arms[2].runs[1].curve.resize(1);
  const std::string html = report_html(findings);
  CHECK(std::regex_search(
      html, std::regex("<path d=\"[^\"]+\" class=\"curve s1 dot\"><title>gelu, update 100: 3\\.31\\d* \\(3\\.25\\d* to 3\\.37\\d*\\)<")));
  CHECK(std::regex_search(html, std::regex("class=\"lost s2 dot\"><title>silu, seed 2: diverged<")));
  CHECK(occurrences(html, " dot\"") == 2);
}

TEST_CASE("a verdict names its stratum once") {
  Findings findings = small_findings();
  findings.arms.resize(3);
  findings.comparisons.resize(1);
  CHECK(contains(report_html(findings),
                 "<h3>pre</h3>\n<ul class=\"verdicts\">\n<li class=\"better\">gelu against relu: gelu beats relu.</li>"));
  CHECK(contains(report_markdown(findings), "\n- **pre**: gelu against relu: gelu beats relu.\n"));
}

TEST_CASE("an interval that dwarfs the others is cut off and says so") {
  Findings findings = small_findings();
  CHECK(occurrences(report_html(findings), "class=\"clipped\"") == 0);
  findings.comparisons[0].interval = {-100, 100};
  CHECK(occurrences(report_html(findings), "class=\"clipped\"") == 2);
  CHECK(contains(report_html(findings), "longer than the drawing"));
}

TEST_CASE("the table of runs reads back exactly") {
  Findings findings = small_findings();
  findings.arms[0].runs[0].value = 0.1 + 0.2;
  findings.arms[0].runs[1].value = 1e-300 / 3;
  findings.arms[0].levels.emplace_back("seed", "odd, \"quoted\"\nname");
  findings.arms[1].runs[0].status = "failed";
  findings.arms[1].runs[0].value.reset();
  findings.arms[1].runs[0].reason = "no space, \"left\"\non the device";
  const auto rows = parse_csv(results_csv(findings));
  REQUIRE(rows.size() == 13);
  CHECK(rows[0] == std::vector<std::string>{"arm", "activation", "residual", "seed_", "seed", "status", "reason", "valid.loss", "test.bleu",
                                            "parameters", "flops_per_token"});
  for (const auto& row : rows) CHECK(row.size() == rows[0].size());
  CHECK(rows[1][3] == "odd, \"quoted\"\nname");
  CHECK(std::strtod(rows[1][7].c_str(), nullptr) == 0.1 + 0.2);
  CHECK(std::strtod(rows[2][7].c_str(), nullptr) == 1e-300 / 3);
  CHECK(std::strtod(rows[1][10].c_str(), nullptr) == 0.1);
  CHECK(rows[3][6] == "no space, \"left\"\non the device");
  CHECK(rows[3][7].empty());
}

TEST_CASE("the table of runs does not depend on times") {
  Findings findings = small_findings();
  const std::string before = results_csv(findings);
  for (ArmFindings& arm : findings.arms) {
    for (RunFindings& run : arm.runs) run.seconds *= 3;
  }
  findings.provenance = {{"finished", "later"}};
  CHECK(results_csv(findings) == before);
}

TEST_CASE("text for LaTeX and Markdown is literal") {
  using namespace reporting;
  CHECK(escape_latex("a_b & 100% of $5 #1 {x}") == "a\\_b \\& 100\\% of \\$5 \\#1 \\{x\\}");
  CHECK(escape_latex("\\~^<|>") == "\\textbackslash{}\\textasciitilde{}\\textasciicircum{}\\textless{}\\textbar{}\\textgreater{}");
  CHECK(escape_latex("[1]\n*--") == "{[}1{]} {*}-{}-{}");
  CHECK(escape_latex("\u22121 \u00b1 2") == "$-$1 $\\pm$ 2");
  CHECK(escape_markdown("a|b *c* `d` <e> [f]") == "a\\|b \\*c\\* \\`d\\` &lt;e&gt; \\[f\\]");
  CHECK(escape_markdown("gelu_tanh _x_") == "gelu_tanh \\_x\\_");
  CHECK(escape_markdown("1. first") == "1\\. first");
  CHECK(escape_markdown("1.5") == "1.5");
  CHECK(escape_markdown("# a\nb") == "\\# a b");
  CHECK(escape_markdown("- a") == "\\- a");
  CHECK(contains(report_latex(small_findings()), "\\toprule"));
  CHECK(occurrences(report_latex(small_findings()), "\\\\\n") == 7);
}

TEST_CASE("numbers are written for readers") {
  using namespace reporting;
  CHECK(fixed(-0.0004, 2) == "0.00");
  CHECK(fixed(-1.25, 1) == "\u22121.2");
  CHECK(signed_fixed(0.5, 2) == "+0.50");
  CHECK(signed_fixed(0.001, 2) == "0.00");
  CHECK(p_value(0.0002) == "< 0.001");
  CHECK(p_value(1) == "1.000");
  CHECK(grouped(1234) == "1234");
  CHECK(grouped(-1234567) == "\u22121\u202f234\u202f567");
  CHECK(scaled(24.71e6) == "24.7\u00a0M");
  CHECK(duration(3599.9) == "1\u00a0h 00\u00a0min");
  CHECK(duration(61) == "1\u00a0min 01\u00a0s");
  CHECK(significant(0.05, 3) == "0.05");
  CHECK(percent(1 - 0.0083) == "99.17\u00a0%");
  CHECK(decimals_for(0.0123) == 3);
  CHECK(decimals_for(1.5) == 1);
  CHECK(exact(0.1) == "0.10000000000000001");
  CHECK(exact(std::nan("")).empty());
}

TEST_CASE("ticks are round, inside the scale and told apart") {
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{{0, 1}, {-3, 12000}, {1.71, 1.83}, {-1e-7, 1e-7}, {5, 5}, {0, 0}}) {
    const reporting::Scale scale = reporting::scale_around(low, high, 0, 100);
    const auto marks = reporting::ticks(scale, 5);
    CHECK(marks.size() >= 2);
    CHECK(marks.size() <= 7);
    for (size_t i = 0; i < marks.size(); ++i) {
      CHECK(scale.at(marks[i].value) >= -1e-6);
      CHECK(scale.at(marks[i].value) <= 100 + 1e-6);
      if (i > 0) CHECK(marks[i].label != marks[i - 1].label);
    }
  }
}

TEST_CASE("the mean curve interpolates seeds that validated at different updates") {
  ArmFindings arm = arm_with("relu", "", true, {1, 2});
  arm.runs[0].curve = {{0, 0}, {100, 10}, {200, 20}};
  arm.runs[1].curve = {{50, 7}, {150, 17}, {400, 0}};
  const auto samples = reporting::mean_curve(arm);
  std::vector<double> updates;
  for (const auto& sample : samples) {
    updates.push_back(sample.update);
    if (sample.update > 150) continue;
    CHECK(sample.mean == Approx(sample.update / 10 + 1));
    CHECK(sample.high - sample.low == Approx(2));
  }
  CHECK(updates == std::vector<double>{50, 100, 150, 200});
}

}  // namespace sublayer::experiment
