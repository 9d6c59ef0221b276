#include "src/training/probes.h"

#include <ATen/ATen.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "src/core/files.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/small_model.h"
#include "tests/training/small_training.h"

namespace sublayer::training {
namespace {

using nlohmann::json;
using test::choice_of;
using test::SmallTraining;
using test::TemporaryDirectory;

Probes::List all_probes(int64_t every_updates) {
  Probes::List list;
  for (const auto& name : Registry<probe::Probe>::instance().names())
    list.push_back(choice_of<probe::Probe>("{type: " + name + ", every_updates: " + std::to_string(every_updates) + "}"));
  return list;
}

std::vector<json> probe_records(const std::filesystem::path& run) {
  std::vector<json> records;
  std::istringstream lines(read_file(run / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    auto record = json::parse(line);
    if (record.at("event") != "probe") continue;
    record.erase("time");
    records.push_back(record);
  }
  return records;
}

const probe::ActivationProbe& activation_probe(const Choice<probe::Probe>& choice, std::shared_ptr<probe::Probe>& keeper) {
  keeper = choice.build();
  return dynamic_cast<const probe::ActivationProbe&>(*keeper);
}

}  // namespace

TEST_CASE("probes change no bit of a training") {
  SmallTraining plain, probed;
  probed.probes = all_probes(3);
  plain.workers = probed.workers = 2;
  CHECK(at::equal(plain.trained_values(), probed.trained_values()));
}

TEST_CASE("every probe reads finite values where it is attached by default, at the first update and then as often as asked") {
  SmallTraining training;
  training.probes = all_probes(20);
  const TemporaryDirectory directory;
  training.run(directory.path());
  const auto records = probe_records(directory.path());
  REQUIRE(records.size() == 3);
  CHECK(records[0].at("update") == 1);
  CHECK(records[1].at("update") == 20);
  CHECK(records[2].at("update") == 40);
  for (const auto& name : Registry<probe::Probe>::instance().names()) {
    INFO(name);
    int64_t values = 0;
    for (const auto& [key, value] : records[1].items()) {
      if (!key.starts_with(name + "/")) continue;
      ++values;
      CHECK(value.is_number());
      CHECK(std::isfinite(value.get<double>()));
    }
    CHECK(values >= 4);  // two layers of two stacks
  }
}

TEST_CASE("a training that is interrupted reads the same with its probes as one that is not") {
  SmallTraining whole, halves;
  whole.probes = halves.probes = all_probes(10);
  const TemporaryDirectory one, two;
  whole.run(one.path());
  halves.options.max_updates = 25;
  halves.run(two.path());
  halves.options.max_updates = 50;
  halves.run(two.path());
  CHECK(probe_records(one.path()) == probe_records(two.path()));
}

TEST_CASE("the norm of the gradient is that of the mean loss before clipping, and the moved distance that of the update") {
  SmallTraining training;  // plain descent at rate 1: what the parameters lose is the clipped gradient
  training.optimizer = "{type: sgd, learning_rate: 1}";
  training.schedule = "constant";
  training.options.max_updates = 1;
  training.options.log_every = 1;
  training.probes = {choice_of<probe::Probe>("{type: gradient_norm, modules: \"*coder\"}"),
                     choice_of<probe::Probe>("{type: gradient_norm, modules: \"**bedding\"}"),
                     choice_of<probe::Probe>("{type: update_ratio, modules: \"*coder\"}")};
  const TemporaryDirectory directory;
  training.run(directory.path());
  const auto record = probe_records(directory.path()).at(0);
  const auto square = [&](const char* module) { return std::pow(record.at(std::string("gradient_norm/") + module).get<double>(), 2); };
  const double all = std::sqrt(square("encoder") + square("decoder") + square("embedding"));
  std::istringstream lines(read_file(directory.path() / "metrics.jsonl"));
  double logged = 0;
  for (std::string line; std::getline(lines, line);) {
    if (const auto entry = json::parse(line); entry.at("event") == "train") logged = entry.at("gradient_norm");
  }
  CHECK(all == Approx(logged).epsilon(1e-5));
  CHECK(all > training.options.clip_norm);  // or nothing was clipped, and this would show nothing

  const auto start = test::ReplicatedModel(training.model_yaml, 1);
  double size = 0;
  for (const auto& parameter : all_parameters(*start.model)) {
    if (parameter.name.starts_with("encoder.")) size += parameter.tensor.detach().square().sum().item<double>();
  }
  const double moved = std::sqrt(square("encoder")) * training.options.clip_norm / all;
  CHECK(record.at("update_ratio/encoder").get<double>() == Approx(moved / std::sqrt(size)).epsilon(1e-4));
}

TEST_CASE("statistics of activations are what their formulas say") {
  std::shared_ptr<probe::Probe> keeper;
  const auto outputs = at::tensor({3.0, 0.0, -1.0, 4.0, 0.0, -2.0}).view({2, 3});
  CHECK(activation_probe(choice_of<probe::Probe>("activation_rms"), keeper).of(outputs) == Approx(std::sqrt(30.0 / 6)));
  CHECK(activation_probe(choice_of<probe::Probe>("dead_units"), keeper).of(outputs) == Approx(2.0 / 3));
  const auto weights = at::tensor({1.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.25, 0.25}).view({1, 2, 4});
  CHECK(activation_probe(choice_of<probe::Probe>("attention_entropy"), keeper).of(weights) == Approx(std::log(4.0) / 2));
}

TEST_CASE("a probe of modules that are not there is refused with what there is") {
  const auto model = test::small_model();
  const auto refusal = [&](const std::string& yaml) {
    return test::message_of<ConfigError>([&] { Probes(*model, {choice_of<probe::Probe>(yaml)}); });
  };
  const auto message = refusal("{type: gradient_norm, modules: \"encoder.layer.*\"}");
  CHECK(message.starts_with("probes.0.modules: 'encoder.layer.*' fits nothing that gradient_norm can read."));
  CHECK(message.find("Did you mean 'encoder.layers.*'?") != std::string::npos);
  // A norm has parameters, but shows no output.
  CHECK(refusal("{type: activation_rms, modules: \"**.norm\"}").find("fits nothing") != std::string::npos);
  CHECK(refusal("{type: gradient_norm, modules: \"**.norm\"}") == "(nothing was thrown)");
  CHECK(refusal("{type: dead_units, modules: \"encoder.layers.7**\"}").find("fits nothing") != std::string::npos);
}

}  // namespace sublayer::training
