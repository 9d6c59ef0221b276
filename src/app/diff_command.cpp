#include <cstdio>
#include <map>
#include <memory>

#include "src/app/command.h"
#include "src/core/files.h"
#include "src/experiment/loaded_files.h"
#include "src/experiment/run.h"

namespace sublayer::app {
namespace {

struct DiffArguments {
  std::string first, second;
};

void print(const char* what, const std::string& key, const std::string& first, const std::string& second) {
  if (first != second) std::printf("%-10s %s: %s | %s\n", what, key.c_str(), first.c_str(), second.c_str());
}

std::string text_of(const nlohmann::json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// {name: shape} of a model's parameters.
std::map<std::string, std::string> shapes_of(const Seq2SeqModel& model) {
  std::map<std::string, std::string> shapes;
  for (const auto& parameter : all_parameters(model)) {
    std::string text;
    for (const int64_t size : parameter.tensor.sizes()) text += (text.empty() ? "" : " x ") + std::to_string(size);
    shapes[parameter.name] = text;
  }
  return shapes;
}

// Name and value of each test score.
std::map<std::string, std::string> scores_of(const experiment::Run& run) {
  std::map<std::string, std::string> scores;
  const auto file = run.directory / "result.json";
  if (!std::filesystem::exists(file)) return scores;
  const auto result = nlohmann::json::parse(read_file(file));
  scores["end"] = result.value("end", "");
  for (const auto& score : result.at("scores")) {
    char text[64];
    std::snprintf(text, sizeof text, "%.6g", score.at("value").get<double>());
    scores[score.at("split").get<std::string>() + "." + score.at("metric").get<std::string>()] = text;
  }
  return scores;
}

void print_maps(const char* what, std::map<std::string, std::string> first, std::map<std::string, std::string> second) {
  auto keys = first;
  keys.insert(second.begin(), second.end());
  for (const auto& [key, ignored] : keys) {
    print(what, key, first.count(key) ? first[key] : "nothing", second.count(key) ? second[key] : "nothing");
  }
}

void run(const DiffArguments& given) {
  const auto open = [](const std::string& run) { return experiment::open_run(run, "best", {"device=cpu"}); };  // a GPU may not be here
  const auto first = open(given.first), second = open(given.second);
  for (const auto& [key, here, there] : experiment::differences(first.config, second.config, /*identity_only=*/false))
    print("config", key, here, there);
  print_maps("parameter", shapes_of(*first.model), shapes_of(*second.model));
  for (const char* key : {"version", "commit", "libtorch", "cpu", "device"})
    print("build", key, text_of(first.provenance.value(key, nlohmann::json("unknown"))),
          text_of(second.provenance.value(key, nlohmann::json("unknown"))));
  print("build", "loaded", experiment::loaded_files_text(first.provenance), experiment::loaded_files_text(second.provenance));
  for (const char* split : {"train", "valid", "test"})
    print("data", split, text_of(first.provenance.at("data").at(split)), text_of(second.provenance.at("data").at(split)));
  print("data", "tokenizer", text_of(first.provenance.at("tokenizer").at("hash")), text_of(second.provenance.at("tokenizer").at("hash")));
  print_maps("score", scores_of(first), scores_of(second));
}

}  // namespace

void add_diff(CLI::App& program) {
  auto* command = program.add_subcommand("diff", "Print what differs between two runs: config, parameters, build, data, scores");
  auto given = std::make_shared<DiffArguments>();
  command->add_option("first", given->first, "directory of a run")->required();
  command->add_option("second", given->second, "directory of another")->required();
  command->footer(
      "Example: sublayer diff runs/reverse runs/reverse_pre\nEach line: what, key: value of the first | value of the second. Nothing is "
      "printed where nothing differs.");
  command->callback([given] { run(*given); });
}

}  // namespace sublayer::app
