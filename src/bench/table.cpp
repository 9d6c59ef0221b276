#include "src/bench/table.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace sublayer::bench {
namespace {

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  char buffer[512];
  std::snprintf(buffer, sizeof buffer, pattern, arguments...);
  return buffer;
}

template <class... Arguments>
std::string line(const char* pattern, Arguments... arguments) {
  return format(pattern, arguments...) + "\n";
}

double number(const nlohmann::json& json, const char* key) { return json.at(key).get<double>(); }

std::string start_text(const nlohmann::json& start) {
  std::string text = line("start      %.3f s beyond reading the data, then the first update of %.3f s", number(start, "beyond_data"),
                          number(start, "first_update"));
  text += "  ";
  for (const char* step : {"process", "config", "data", "tokenizer", "ids", "model", "plan"})
    text += format("  %s %.3f", step, number(start, step));
  return text + "\n";
}

std::string run_text(const nlohmann::json& run) {
  return line("run        %.0f s: updates %.1f %%, validation %.1f %%, checkpoints and all else %.1f %%", number(run, "seconds"),
              100 * number(run, "training"), 100 * number(run, "validation"), 100 * number(run, "rest"));
}

// The largest shares first.
std::string shares_text(const nlohmann::json& shares, double smallest) {
  std::vector<std::pair<double, std::string>> list;
  for (const auto& [name, share] : shares.items()) list.emplace_back(share.get<double>(), name);
  std::sort(list.rbegin(), list.rend());
  std::string text;
  for (const auto& [share, name] : list) {
    if (share >= smallest) text += line("  %6.2f %%  %s", 100 * share, name.c_str());
  }
  return text;
}

std::string training_text(const nlohmann::json& training) {
  const auto& repeats = training.at("repeats");
  const auto [least, most] = std::minmax_element(repeats.begin(), repeats.end());
  const auto& products = training.at("matrix_products");
  std::string text = line("training   %s, %.0f tokens/s, source and target (%.0f to %.0f), %.0f an update",
                          training.at("precision").get<std::string>().c_str(), number(training, "tokens_per_second"), least->get<double>(),
                          most->get<double>(), number(training, "tokens_per_update"));
  text += line("products   %.1f GFLOP/s of the machine's %.1f, %.1f %%", number(products, "training_gflops"),
               number(products, "machine_gflops"), 100 * number(products, "fraction"));
  text += line("memory     %.0f MiB at most, %.0f MiB before", number(training.at("memory"), "peak_bytes") / (1 << 20),
               number(training.at("memory"), "before_bytes") / (1 << 20));
  text += "time\n" + shares_text(training.at("time"), 0);
  return text + "of other\n" + shares_text(training.at("other"), 0.002);
}

std::string decoding_text(const nlohmann::json& decoding) {
  std::string text = "decoding   " + decoding.at("split").get<std::string>() + " split, " + decoding.at("precision").get<std::string>();
  if (!decoding.at("max_length").is_null()) text += ", at most " + decoding.at("max_length").dump() + " tokens";
  text += "\n";
  for (const auto& search : decoding.at("searches")) {
    text += line("  %-6s  %-10s  %2d workers  %8.1f sentences/s  %9.1f target tokens/s", search.at("search").get<std::string>().c_str(),
                 search.at("batched").get<bool>() ? "batched" : "one by one", search.at("workers").get<int>(),
                 number(search, "sentences_per_second"), number(search, "tokens_per_second"));
  }
  return text;
}

}  // namespace

std::string table_of(const nlohmann::json& report) {
  std::string text = line("%s, %s weights, %d workers", report.at("subject").get<std::string>().c_str(),
                          report.at("weights").get<std::string>().c_str(), report.at("workers").get<int>());
  if (report.contains("start")) text += start_text(report.at("start"));
  if (report.contains("run") && !report.at("run").is_null()) text += run_text(report.at("run"));
  if (report.contains("training")) text += training_text(report.at("training"));
  if (report.contains("decoding")) text += decoding_text(report.at("decoding"));
  return text;
}

}  // namespace sublayer::bench
