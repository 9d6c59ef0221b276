#include "src/bench/start.h"

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace sublayer::bench {

nlohmann::json measure_start(const Subject& subject, double process_seconds, double loop_seconds, TrainingLoop& loop,
                             const std::atomic<bool>& stop) {
  const double model_seconds = loop_seconds - loop.plan_seconds();
  const double first_update = loop.advance(1, std::numeric_limits<int64_t>::max(), stop).seconds;
  return {{"process", process_seconds},   {"config", subject.config_seconds},
          {"data", subject.data_seconds}, {"tokenizer", subject.tokenizer_seconds},
          {"ids", subject.ids_seconds},   {"model", model_seconds},
          {"plan", loop.plan_seconds()},  {"beyond_data", process_seconds + subject.config_seconds + loop_seconds},
          {"first_update", first_update}};
}

nlohmann::json time_of_run(const std::filesystem::path& run) {
  std::ifstream file(run / "metrics.jsonl");
  double end = 0, training = 0, validation = 0;
  std::optional<double> start;  // as the first record of training tells: it has the seconds from the beginning on
  for (std::string line; std::getline(file, line);) {
    const auto record = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (record.is_discarded()) break;  // the run goes on and the last line is not whole yet
    const auto event = record.value("event", "");
    const double time = record.value("time", 0.0), seconds = record.value("seconds", 0.0);
    if (event == "train") training = seconds;
    if (event == "valid") validation += seconds;
    if (event == "train" && !start) start = time - seconds - validation;
    end = time;
  }
  if (!start || end <= *start) return nullptr;
  const double all = end - *start;
  return {{"seconds", all}, {"training", training / all}, {"validation", validation / all}, {"rest", 1 - (training + validation) / all}};
}

}  // namespace sublayer::bench
