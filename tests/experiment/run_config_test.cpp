#include "src/experiment/run_config.h"

#include "models/activation/activation.h"
#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/corpora.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::experiment {
namespace {

using test::message_of;
using test::TemporaryDirectory;
using test::write_bytes;

const std::string smallest = "task: reverse\ntokenizer: whitespace\ntraining: {max_updates: 10}\n";

// A config file of its own directory, loaded with overrides.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) : file_(write_bytes(directory_ / "run.yaml", text)) {}
  LoadedConfig load(const std::vector<std::string>& overrides = {}) const { return load_config(file_, overrides); }
  std::string refusal(const std::vector<std::string>& overrides = {}) const {
    return message_of<ConfigError>([&] { load(overrides); });
  }
  std::string at(int line) const { return file_.string() + ":" + std::to_string(line) + ": "; }
  const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path file_;
};

std::string resolved(const LoadedConfig& loaded) { return experiment::to_yaml(loaded.config); }

// The effective value at a dotted path, as `explain` shows it.
std::string shown(const LoadedConfig& loaded, const std::string& path) {
  std::vector<config::Description> values;
  config::describe(loaded.config, {}, values);
  for (const auto& value : values) {
    if (value.path == path) return value.value;
  }
  return "(not shown)";
}

std::vector<std::filesystem::path> shipped_configs() {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {"configs", "experiments"}) {
    const auto root = test::source_directory() / folder;
    if (!std::filesystem::is_directory(root)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
  }
  return files;
}

}  // namespace

TEST_CASE("every config in the repository loads, and its resolved copy is the same run") {
  const auto files = shipped_configs();
  REQUIRE(!files.empty());
  for (const auto& file : files) {
    INFO(file.string());
    if (config::parse_file(file).find("question")) continue;  // an experiment
    const auto loaded = load_config(file);
    CHECK(loaded.log.dropped.empty());
    const TemporaryDirectory elsewhere;
    const auto again = load_config(write_bytes(elsewhere / "config.yaml", resolved(loaded)));
    CHECK(resolved(again) == resolved(loaded));
    CHECK(identity_differences(again.config, loaded.config).empty());
  }
}

TEST_CASE("a model about which nothing is said has all the layers of its defaults") {
  for (const std::string text : {"", "model: transformer\n", "model: {}\n", "model: {encoder: {}}\n"}) {
    const ConfigFile file(smallest + text);
    CHECK(resolved(file.load()) == resolved(ConfigFile(smallest).load()));
    CHECK(shown(file.load(), "model.decoder.layers.0-5.feed_forward.d_ff") == "2048");
    CHECK(all_parameters(*file.load().config.model.build(VocabularySizes{8, 8, true})).size() > 200);
  }
}

TEST_CASE("the switches of a first experiment are one override each") {
  const ConfigFile file(smallest + "model: {d_model: 16, layer: {attention: {num_heads: 2}, feed_forward: {d_ff: 32}}}\n");
  for (const std::string layer : {"model.encoder.layers.0-5", "model.decoder.layers.0-5"}) {
    CHECK(shown(file.load(), layer + ".residual") == "post");
    CHECK(shown(file.load({"model.layer.residual=pre"}), layer + ".residual") == "pre");
    CHECK(shown(file.load({"model.layer.feed_forward.activation=gelu"}), layer + ".feed_forward.activation") == "gelu");
    CHECK(shown(file.load({"model.layer.feed_forward.d_ff=48"}), layer + ".feed_forward.d_ff") == "48");
    const auto gated = file.load({"model.layer.feed_forward=gated"});
    CHECK(shown(gated, layer + ".feed_forward") == "gated");
    CHECK(shown(gated, layer + ".feed_forward.d_ff") == "32");
    CHECK(gated.log.dropped.empty());
  }
}

TEST_CASE("options of all layers are refined by stack and by layer") {
  const ConfigFile file(smallest + R"(model:
  d_model: 16
  layer: {dropout: 0.3, attention: {num_heads: 4}}
  encoder: {num_layers: 3, layers: {"1-2": {dropout: 0.2}, "2": {attention: {num_heads: 8}}}}
  decoder: {num_layers: 2, layer: {dropout: 0.1, attention: {num_heads: 1}, cross_attention: {num_heads: 2}}}
)");
  const auto loaded = file.load();
  CHECK(shown(loaded, "model.encoder.layers.0.dropout") == "0.3");
  CHECK(shown(loaded, "model.encoder.layers.1.dropout") == "0.2");
  CHECK(shown(loaded, "model.encoder.layers.2.dropout") == "0.2");
  CHECK(shown(loaded, "model.encoder.layers.1.self_attention.num_heads") == "4");
  CHECK(shown(loaded, "model.encoder.layers.2.self_attention.num_heads") == "8");
  CHECK(shown(loaded, "model.decoder.layers.0-1.dropout") == "0.1");
  CHECK(shown(loaded, "model.decoder.layers.0-1.self_attention.num_heads") == "1");
  CHECK(shown(loaded, "model.decoder.layers.0-1.cross_attention.num_heads") == "2");
}

TEST_CASE("rules between fields are checked with the line of one of them") {
  CHECK(ConfigFile("tokenizer: whitespace\ntraining: {max_updates: 1}\n")
            .refusal()
            .ends_with("run.yaml:1: task: is missing: what is to be learned?"));
  const ConfigFile endless("task: reverse\ntokenizer: whitespace\n\ntraining: {clip_norm: 1}\n");
  CHECK(endless.refusal() == endless.at(4) + "training: has no end: state max_updates, max_epochs, max_tokens or max_minutes");
  CHECK(endless.refusal({"training.workers=2"}) == endless.refusal());

  const ConfigFile heads(smallest + "model:\n  d_model: 20\n  layer:\n    attention: {num_heads: 3}\n");
  CHECK(heads.refusal() == heads.at(7) + "model.encoder.layers.0.self_attention.num_heads: 3 heads do not divide d_model 20");
  CHECK(ConfigFile(smallest).refusal({"model.d_model=20"}) ==
        "--set model.d_model=20: model.encoder.layers.0.self_attention.num_heads: 8 heads do not divide d_model 20");
  const ConfigFile one_layer(smallest + "model:\n  decoder:\n    layers:\n      \"2\": {cross_attention: {num_heads: 7}}\n");
  CHECK(one_layer.refusal() == one_layer.at(7) + "model.decoder.layers.2.cross_attention.num_heads: 7 heads do not divide d_model 512");

  const ConfigFile residuals(smallest + "model:\n  encoder:\n    layers:\n      \"1\": {residual: pre}\n");
  CHECK(residuals.refusal() ==
        residuals.at(7) + "model.encoder.layers.1.residual: the residual belongs to the whole stack: layer 0 has post");

  const ConfigFile tied(
      "task: reverse\ntraining: {max_updates: 1}\ntokenizer: {type: whitespace, joint: false}\nmodel: {embedding: {tie: all}}\n");
  CHECK(tied.refusal() == tied.at(4) + "model.embedding.tie: needs one vocabulary for both sides: set tokenizer.joint to true");
  const ConfigFile average(smallest + "checkpoint:\n  average_last: 4\n  keep_last: 3\n");
  CHECK(average.refusal() == average.at(5) + "checkpoint.average_last: must not be above keep_last: only kept checkpoints can be averaged");
}

TEST_CASE("an unknown variant deep in the model is refused with file, line and all known ones") {
  const ConfigFile file(smallest + "model:\n  layer:\n    feed_forward:\n      activation: rellu\n");
  std::string known;
  for (const auto& name : Registry<activation::Activation>::instance().names()) known += (known.empty() ? "" : ", ") + name;
  CHECK(file.refusal() ==
        file.at(7) + "model.encoder.layers.0.feed_forward.activation: unknown activation 'rellu'. Did you mean 'relu'? Known: " + known);
  CHECK(ConfigFile(smallest)
            .refusal({"optimizer=adm"})
            .starts_with("--set optimizer=adm: optimizer: unknown optimizer 'adm'. Did you mean 'adam'?"));
  CHECK(ConfigFile(smallest)
            .refusal({"modle.d_model=1"})
            .starts_with("--set modle.d_model=1: unknown key 'modle'. Did you mean 'model'? Known: seed, task, "));
}

TEST_CASE("a seed is one for all or one for each, and either replaces the other") {
  const auto seeds = [](const std::string& text, const std::vector<std::string>& overrides = {}) {
    const auto seed = ConfigFile(smallest + text).load(overrides).config.seed;
    return std::vector<uint64_t>{seed.init, seed.data, seed.dropout};
  };
  using Three = std::vector<uint64_t>;
  CHECK(seeds("") == Three{1, 1, 1});
  CHECK(seeds("seed: 7") == Three{7, 7, 7});
  CHECK(seeds("seed: {init: 2, data: 3}") == Three{2, 3, 1});
  CHECK(seeds("seed: {init: 2, data: 3, dropout: 4}", {"seed=5"}) == Three{5, 5, 5});
  CHECK(seeds("seed: 7", {"seed.data=8"}) == Three{7, 8, 7});
  CHECK(seeds("seed: {init: 2}", {"seed=5", "seed.dropout=6"}) == Three{5, 5, 6});
  const ConfigFile wrong(smallest + "seed: one\n");
  CHECK(wrong.refusal() == wrong.at(4) + "seed: expected a whole number of at least 0, got 'one'");
  CHECK(ConfigFile(smallest).refusal({"seed.all=3"}) == "--set seed.all=3: seed: unknown key 'all'. Known: init, data, dropout");
}

TEST_CASE("resuming may change how a run is carried out, not what it is") {
  const ConfigFile file(smallest);
  const auto base = file.load().config;
  for (const std::string override : {"training.max_updates=20", "training.max_epochs=3", "training.workers=2", "search=greedy",
                                     "checkpoint.keep_last=5", "validation.every_epochs=2", "validation.max_tokens_per_batch=100"}) {
    INFO(override);
    CHECK(identity_differences(base, file.load({override}).config).empty());
    CHECK(resolved(file.load({override})) != resolved(file.load()));
  }
  using Lines = std::vector<std::string>;
  CHECK(identity_differences(base, file.load({"seed=2"}).config) == Lines{"seed: 1 here, 2 there"});
  CHECK(identity_differences(base, file.load({"optimizer.beta2=0.98"}).config) == Lines{"optimizer.beta2: 0.999 here, 0.98 there"});
  CHECK(identity_differences(base, file.load({"training.clip_norm=1"}).config) == Lines{"training.clip_norm: 0 here, 1 there"});
  CHECK(identity_differences(base, file.load({"schedule=constant"}).config) ==
        Lines{"schedule: inverse_sqrt here, constant there", "schedule.warmup_updates: 4000 here, 0 there"});
  CHECK(identity_differences(file.load({"optimizer={type: sgd, momentum: 0.5}"}).config, base).size() > 2);
}

TEST_CASE("paths are relative to the file that states them, and absolute in the resolved copy") {
  const ConfigFile file("base: below/base.yaml\ntraining: {max_updates: 1}\n");
  std::filesystem::create_directories(file.directory() / "below");
  write_bytes(file.directory() / "below/base.yaml", "task: {type: parallel_text, train: {source: [../a.txt], target: [b.txt]}}\n");
  const auto text = resolved(file.load());
  CHECK(text.find("source: [" + (file.directory() / "a.txt").string() + "]") != std::string::npos);
  CHECK(text.find("target: [" + (file.directory() / "below/b.txt").string() + "]") != std::string::npos);
  CHECK(identity_differences(file.load().config, file.load({"task.train.source=[c.txt]"}).config)
            .empty());  // content is hashed, wherever it lies
}

}  // namespace sublayer::experiment
