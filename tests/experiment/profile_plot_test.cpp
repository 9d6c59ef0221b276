#include "src/experiment/report/plots.h"
#include "src/experiment/report/report.h"
#include "src/experiment/report/scale.h"

#include "tests/support/catch.h"

#include <cmath>
#include <functional>
#include <limits>
#include <regex>
#include <string>
#include <vector>

namespace sublayer::experiment {
namespace {

using ValueOf = std::function<double(int64_t depth, size_t arm)>;

// Each mean with a range of a tenth of it to both sides.
ProbeProfile profile_with(const Findings& findings, const std::string& modules, int64_t update, int64_t layers, const ValueOf& value) {
  ProbeProfile profile{"gradient_norm", modules, update, {}};
  for (size_t arm = 0; arm < findings.arms.size(); ++arm) {
    std::vector<ProbePoint> points;
    for (int64_t depth = 0; depth < layers; ++depth) {
      const double mean = value(depth, arm);
      points.push_back({depth, mean, 0.9 * mean, 1.1 * mean});
    }
    profile.arms.emplace_back(findings.arms[arm].name, points);
  }
  return profile;
}

// Two levels in each stratum, no profiles yet.
Findings arms_in_strata(const std::vector<std::string>& strata) {
  Findings findings;
  findings.name = "depth";
  findings.metric = "valid.loss";
  for (const std::string& stratum : strata) {
    for (const std::string level : {"pre", "post"}) {
      ArmFindings arm;
      arm.name = level + "+" + stratum;
      arm.level = level;
      arm.stratum = stratum;
      arm.is_baseline = level == "pre";
      findings.arms.push_back(arm);
    }
  }
  return findings;
}

Findings with_profiles(const std::vector<ProbeProfile>& profiles, Findings findings) {
  findings.profiles = profiles;
  return findings;
}

// A baseline alone in one figure: its markers are circles, whose places are easily read.
Findings baseline_alone() {
  Findings findings = arms_in_strata({""});
  findings.arms.resize(1);
  return findings;
}

std::vector<std::string> all_matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match) found.push_back((*match)[1]);
  return found;
}

std::vector<double> heights_of_circles(const std::string& figure) {
  std::vector<double> heights;
  for (const std::string& height : all_matches(figure, "cy=\"([^\"]+)\" r=\"[^\"]+\" class=\"profile "))
    heights.push_back(std::stod(height));
  return heights;
}

std::vector<std::string> panels_of(const std::string& figure) {
  return all_matches(figure, "(<svg [^>]*class=\"drawing\"[\\s\\S]*?</svg>)");
}

size_t marks_in(const std::string& text, const std::string& css) { return all_matches(text, "(class=\"" + css + " )").size(); }

std::vector<std::string> value_labels(const std::string& panel) { return all_matches(panel, "class=\"tick end\">([^<]*)<"); }

}  // namespace

TEST_CASE("a report without profiles has no section of probes") {
  Findings findings = arms_in_strata({"narrow"});
  CHECK(reporting::profile_figure(findings).empty());
  CHECK(report_html(findings).find("Probes by depth") == std::string::npos);
  findings.profiles = {{"gradient_norm", "encoder.layers.*", 20, {}}};
  CHECK(reporting::profile_figure(findings).empty());
  findings.profiles = {profile_with(findings, "encoder.layers.*", 20, 2, [](int64_t, size_t) { return 1.0; })};
  CHECK(report_html(findings).find("Probes by depth") != std::string::npos);
}

TEST_CASE("probe, modules, update and stratum have a panel each, and each point of it a mark") {
  Findings findings = arms_in_strata({"narrow", "wide"});
  const ValueOf value = [](int64_t depth, size_t arm) { return 1 + 0.1 * static_cast<double>(depth) + 0.2 * static_cast<double>(arm); };
  for (const int64_t update : {600, 20}) {
    findings.profiles.push_back(profile_with(findings, "encoder.layers.*", update, 6, value));
    findings.profiles.push_back(profile_with(findings, "decoder.layers.*", update, 2, value));
  }
  findings.profiles.push_back(profile_with(findings, "encoder.layers.*", 20, 6, value));
  findings.profiles.back().probe = "activation_rms";
  const std::string figure = reporting::profile_figure(findings);
  const std::vector<std::string> titles = all_matches(figure, "<title id=\"[^\"]*\">([^<]*)</title>");
  CHECK(titles == std::vector<std::string>{
                      "gradient_norm of encoder.layers.*, narrow, update 20", "gradient_norm of encoder.layers.*, narrow, update 600",
                      "gradient_norm of encoder.layers.*, wide, update 20", "gradient_norm of encoder.layers.*, wide, update 600",
                      "gradient_norm of decoder.layers.*, narrow, update 20", "gradient_norm of decoder.layers.*, narrow, update 600",
                      "gradient_norm of decoder.layers.*, wide, update 20", "gradient_norm of decoder.layers.*, wide, update 600",
                      "activation_rms of encoder.layers.*, narrow, update 20", "activation_rms of encoder.layers.*, wide, update 20"});
  const std::vector<std::string> panels = panels_of(figure);
  REQUIRE(panels.size() == titles.size());
  for (size_t i = 0; i < panels.size(); ++i) {
    const size_t layers = titles[i].find("decoder") == std::string::npos ? 6 : 2;
    CHECK(marks_in(panels[i], "profile") == 2 * layers);
    CHECK(marks_in(panels[i], "profile-line") == 2);
    CHECK(marks_in(panels[i], "band") == 2);
    CHECK(all_matches(panels[i], "class=\"tick middle\">([^<]*)<").size() == layers);
  }
  CHECK(figure.find("<title>post, layer 5: 1.7 (seeds 1.53 to 1.87)</title>") != std::string::npos);
}

TEST_CASE("the updates and strata of a probe share their scale") {
  Findings findings = arms_in_strata({"narrow", "wide"});
  findings.profiles = {
      profile_with(findings, "encoder.layers.*", 20, 3, [](int64_t, size_t arm) { return 1.0 + static_cast<double>(arm); }),
      profile_with(findings, "encoder.layers.*", 600, 3, [](int64_t, size_t arm) { return arm == 0 ? 1.0 : 9.0; })};
  const std::string figure = reporting::profile_figure(findings);
  const std::vector<std::string> panels = panels_of(figure);
  REQUIRE(panels.size() == 4);
  for (const std::string& panel : panels) CHECK(value_labels(panel) == value_labels(panels[0]));
  CHECK(value_labels(panels[0]).size() > 2);
  const std::vector<double> first = heights_of_circles(panels[0]), last = heights_of_circles(panels[1]);
  REQUIRE(first.size() == 3);
  CHECK(first == last);  // the baseline has the same value at both updates, all else is larger at the last
}

TEST_CASE("the axis is logarithmic where positive values differ much, and only there") {
  const Findings alone = baseline_alone();
  const auto heights = [&](const ValueOf& value) {
    return heights_of_circles(reporting::profile_figure(with_profiles({profile_with(alone, "encoder.layers.*", 20, 3, value)}, alone)));
  };
  const auto is_even = [](const std::vector<double>& at) { return at.size() == 3 && std::abs((at[0] - at[1]) - (at[1] - at[2])) < 0.05; };
  CHECK(is_even(heights([](int64_t depth, size_t) { return std::pow(10, depth); })));
  CHECK_FALSE(is_even(heights([](int64_t depth, size_t) { return std::pow(3, depth); })));
  CHECK(is_even(heights([](int64_t depth, size_t) { return 1 + static_cast<double>(depth); })));
  CHECK_FALSE(is_even(heights([](int64_t depth, size_t) { return depth == 0 ? -1 : std::pow(10, depth); })));
  CHECK_FALSE(is_even(heights([](int64_t depth, size_t) { return depth == 0 ? 0 : std::pow(10, depth); })));
  // A range that reaches zero has no place on a logarithmic axis.
  ProbeProfile profile = profile_with(alone, "encoder.layers.*", 20, 3, [](int64_t depth, size_t) { return std::pow(10, depth); });
  profile.arms[0].second[0].low = 0;
  CHECK_FALSE(is_even(heights_of_circles(reporting::profile_figure(with_profiles({profile}, alone)))));
}

TEST_CASE("ticks of a logarithmic axis are 1, 2 and 5 times powers of ten while there is room") {
  using namespace reporting;
  const auto labels = [](double low, double high) {
    std::vector<std::string> result;
    for (const Tick& tick : ticks(logarithmic_scale_around(low, high, 0, 100, 0), 6)) result.push_back(tick.label);
    return result;
  };
  CHECK(labels(0.01, 0.3) == std::vector<std::string>{"0.01", "0.02", "0.05", "0.1", "0.2"});
  CHECK(labels(0.9, 20500) == std::vector<std::string>{"1", "10", "100", "1000", "10\u202f000"});
  CHECK(labels(1e-7, 3e-6) == std::vector<std::string>{"10\u207b\u2077", "2\u00d710\u207b\u2077", "5\u00d710\u207b\u2077", "10\u207b\u2076",
                                                       "2\u00d710\u207b\u2076"});
  CHECK(labels(2.5, 3.5).size() > 2);
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{{1e-12, 1e12}, {1, 25}, {3e-5, 0.4}, {1e-150, 1e150}, {5, 5}}) {
    const Scale scale = logarithmic_scale_around(low, high, 0, 100);
    const auto marks = ticks(scale, 6);
    CHECK(marks.size() >= 2);
    CHECK(marks.size() <= 10);
    for (size_t i = 0; i < marks.size(); ++i) {
      CHECK(scale.at(marks[i].value) >= -1e-6);
      CHECK(scale.at(marks[i].value) <= 100 + 1e-6);
      if (i > 0) CHECK(marks[i].label != marks[i - 1].label);
    }
  }
}

TEST_CASE("tiny values carry their power of ten once") {
  const Findings alone = baseline_alone();
  const auto figure = [&](double unit) {
    const ValueOf value = [unit](int64_t depth, size_t) { return unit * (2 + static_cast<double>(depth)); };
    return reporting::profile_figure(with_profiles({profile_with(alone, "encoder.layers.*", 20, 3, value)}, alone));
  };
  CHECK(figure(1).find("\u00d710") == std::string::npos);
  CHECK(figure(1e-6).find(">\u00d710\u207b\u2076<") != std::string::npos);
  CHECK(heights_of_circles(figure(1)) == heights_of_circles(figure(1e-6)));
  auto labels = value_labels(figure(1e-6));
  std::erase(labels, "\u00d710\u207b\u2076");
  CHECK(labels == value_labels(figure(1)));
}

TEST_CASE("modules that are in no layer have a point for each arm, side by side") {
  Findings findings = arms_in_strata({""});
  findings.profiles = {profile_with(findings, "decoder.embedding", 20, 1, [](int64_t, size_t) { return 0.5; })};
  const std::string figure = reporting::profile_figure(findings);
  CHECK(marks_in(figure, "profile") == 2);
  CHECK(marks_in(figure, "profile-range") == 2);
  CHECK(marks_in(figure, "profile-line") == 0);
  CHECK(figure.find("layer") == figure.find("layer,"));  // in the caption alone
  CHECK(figure.find("<title>pre: 0.5 (seeds 0.45 to 0.55)</title>") != std::string::npos);
  const auto places = all_matches(figure, "<line x1=\"([^\"]+)\" [^>]*class=\"profile-range ");
  REQUIRE(places.size() == 2);
  CHECK(places[0] != places[1]);
}

TEST_CASE("points of a profile that are not finite are left out") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  Findings findings = baseline_alone();
  findings.profiles = {profile_with(findings, "encoder.layers.*", 20, 4, [](int64_t, size_t) { return 1.0; }),
                       profile_with(findings, "encoder.layers.*", 600, 4, [&](int64_t, size_t) { return nan; })};
  auto& points = findings.profiles[0].arms[0].second;
  points[1].mean = nan;
  points[2].mean = -infinity;
  points[3].high = infinity;
  const std::string figure = reporting::profile_figure(findings);
  CHECK(panels_of(figure).size() == 1);
  CHECK(marks_in(figure, "profile") == 2);
  CHECK(figure.find("<title>pre, layer 3: 1</title>") != std::string::npos);
  CHECK_FALSE(std::regex_search(figure, std::regex("\\b(nan|inf|infinity)\\b", std::regex::icase)));
  findings.profiles.erase(findings.profiles.begin());
  CHECK(reporting::profile_figure(findings).empty());
}

TEST_CASE("names of probes, modules and arms cannot become markup") {
  const std::string hostile = "</title><script>alert(1)</script>\"&*";
  Findings findings = arms_in_strata({hostile});
  for (ArmFindings& arm : findings.arms) arm.level += hostile;
  findings.profiles = {profile_with(findings, hostile, 20, 2, [](int64_t, size_t) { return 1.0; })};
  findings.profiles[0].probe = hostile;
  findings.profiles[0].arms[1].first = hostile;  // an arm that the experiment does not know
  const std::string figure = reporting::profile_figure(findings);
  CHECK(marks_in(figure, "profile") == 4);
  CHECK(figure.find("<script") == std::string::npos);
  CHECK(figure.find("\"&*") == std::string::npos);
}

TEST_CASE("a probe of many modules is folded") {
  Findings findings = arms_in_strata({""});
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const std::string modules = "encoder.layers.*.part_" + std::to_string(findings.profiles.size());
      findings.profiles.push_back(profile_with(findings, modules, 20, 2, [](int64_t, size_t) { return 1.0; }));
    }
  };
  add(24);
  CHECK(reporting::profile_figure(findings).find("<details>") == std::string::npos);
  add(1);
  CHECK(reporting::profile_figure(findings).find("<summary>gradient_norm, 25 panels</summary>") != std::string::npos);
  CHECK(panels_of(reporting::profile_figure(findings)).size() == 25);
}

}  // namespace sublayer::experiment
