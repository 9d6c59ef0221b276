#include "src/experiment/prepare.h"

#include <cstdio>
#include <map>
#include <mutex>
#include <set>

#include "data/shard.h"
#include "src/core/bounded_queue.h"
#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/worker_pool.h"
#include "src/experiment/directory_lock.h"
#include "src/experiment/prepared.h"
#include "src/experiment/run.h"

namespace sublayer::experiment {
namespace {

using task::Example;
using task::Split;

constexpr const char* shards_folder = "train";

// Neighbouring examples that become one shard.
struct Range {
  int64_t index = 0;
  std::vector<Example> examples;
};

// The text of the training split on its way to shards: one thread reads, the others tokenise.
class Preparation {
 public:
  Preparation(const PrepareRequest& request, const task::Task& task, const tokenizer::Tokenizers& tokenizers)
      : request_(request),
        task_(task),
        tokenizers_(tokenizers),
        settings_("1 " + tokenizer::hash_of(tokenizers) + " " + std::to_string(limits().max_source_length) + " " +
                  std::to_string(limits().max_target_length) + " "),
        workers_(worker_count(request.config.training.workers, at::kCPU)),
        queue_(workers_) {}

  PrepareOutcome run() {
    std::filesystem::create_directories(request_.directory / shards_folder);
    sweep_leftovers(request_.directory / shards_folder);
    WorkerPool pool(workers_ + 1);
    pool.run(workers_ + 1, [&](int64_t, int64_t index) {
      try {
        index == 0 ? read() : work();
      } catch (...) {
        queue_.close();  // or the others would wait for ever
        throw;
      }
    });
    for (auto& [index, entry] : entries_) outcome_.manifest.shards.push_back(std::move(entry));
    data::count_long(long_sources_, long_targets_, outcome_.manifest.dropped);
    outcome_.manifest.tokenizer = tokenizer::hash_of(tokenizers_);
    outcome_.manifest.text = text_.digest();
    outcome_.manifest.is_complete = true;
    return std::move(outcome_);
  }

 private:
  struct Stopped {};

  const data::LengthLimits& limits() const { return request_.config.training.limits; }

  void read() {
    Range range;
    const auto hand_over = [&] {
      const int64_t next = range.index + 1;
      if (!queue_.push(std::move(range))) throw Stopped();
      range = {next, {}};
    };
    try {
      outcome_.manifest.dropped = task_.stream(Split::train, [&](Example example) {
        text_.add(example);
        range.examples.push_back(std::move(example));
        if (std::ssize(range.examples) == request_.shard_pairs) hand_over();
      });
      if (!range.examples.empty()) hand_over();
    } catch (const Stopped&) {  // a worker failed, and says why
    }
    queue_.close();
  }

  void work() {
    while (auto range = queue_.pop()) finish(*range);
  }

  void finish(const Range& range) {
    char name[64];
    std::snprintf(name, sizeof name, "%s/%06lld.safetensors", shards_folder, static_cast<long long>(range.index));
    const auto file = request_.directory / name;
    task::TextHasher text;
    for (const auto& example : range.examples) text.add(example);
    const std::string origin = hash_bytes(settings_ + text.digest());
    auto shard = existing(file, origin);
    const bool is_kept = shard.has_value();
    if (!is_kept) {
      data::TokenizedPairs pairs(tokenizers_);
      for (const auto& example : range.examples) pairs.add(example, tokenizers_, limits());
      data::write_shard(file, pairs, origin);
      shard = data::open_shard(file);
    }
    const auto tokens_of = [](const data::SentenceRun& run) { return run.size == 0 ? int64_t{0} : int64_t{run.ends[run.size - 1]}; };
    const std::lock_guard lock(mutex_);
    entries_[range.index] = {name, shard->identity, shard->source.size, tokens_of(shard->source), tokens_of(shard->target)};
    long_sources_ += shard->long_sources;
    long_targets_ += shard->long_targets;
    outcome_.kept_shards += is_kept;
    pairs_ += shard->source.size;
    if (request_.progress) request_.progress(pairs_, std::ssize(entries_));
  }

  // A shard that an earlier process has finished. What does not fit or is damaged is made again.
  static std::optional<data::Shard> existing(const std::filesystem::path& file, const std::string& origin) {
    if (!std::filesystem::exists(file)) return std::nullopt;
    try {
      auto shard = data::open_shard(file);
      if (shard.origin == origin) return shard;
    } catch (const DataError& error) {
      std::fprintf(stderr, "note: %s; it is made again\n", error.what());
    }
    return std::nullopt;
  }

  const PrepareRequest& request_;
  const task::Task& task_;
  const tokenizer::Tokenizers& tokenizers_;
  const std::string settings_;
  const int64_t workers_;
  BoundedQueue<Range> queue_;
  task::TextHasher text_;
  std::mutex mutex_;
  PrepareOutcome outcome_;
  std::map<int64_t, data::ShardEntry> entries_;
  int64_t pairs_ = 0, long_sources_ = 0, long_targets_ = 0;
};

// A directory belongs to one preparation for good.
void claim(const PrepareRequest& request) {
  const auto& directory = request.directory;
  const auto file = directory / "config.yaml";
  if (std::filesystem::exists(directory / "provenance.json"))
    throw ConfigError(directory.string() + ": holds a run and no preparation; choose another --output");
  const bool is_begun = std::filesystem::exists(file);
  if (is_begun) {
    const auto other = preparation_differences(request.config, load_config(file).config);
    if (!other.empty())
      throw ConfigError(directory.string() + ": holds another preparation (given here, stored there): " + other +
                        ". Choose another --output");
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const auto name = entry.path().filename().string();
    if (!is_begun && name != "lock" && !(name.starts_with("config.yaml.") && name.ends_with(".partial")))
      throw ConfigError(directory.string() + ": is not empty and holds no preparation; choose another --output");
  }
  sweep_leftovers(directory);
  if (!is_begun) write_file_durably(file, to_yaml(request.config));
}

std::string hash_of_text(const task::Task& task) {
  task::TextHasher text;
  task.stream(Split::train, [&](const Example& example) { text.add(example); });
  return text.digest();
}

// The tokenizers that an earlier process has trained on the same text, where they are still what it has noted.
std::optional<tokenizer::Tokenizers> trained_before(const PrepareRequest& request, const task::Task& task,
                                                    const std::optional<data::Manifest>& known) {
  if (!known || known->text != hash_of_text(task)) return std::nullopt;
  try {
    return tokenizer::load_tokenizers(request.config.tokenizer, request.directory, known->tokenizer);
  } catch (const DataError&) {  // killed between the two files, or damaged since
    std::fprintf(stderr, "note: the tokenizer in %s is not the one that was trained; it is made again\n", request.directory.c_str());
    return std::nullopt;
  }
}

// The tokenizers that `train` would have: those whose files the config names, or trained on the text, which is in memory for that time.
tokenizer::Tokenizers tokenizers_for(const PrepareRequest& request, const task::Task& task) {
  const auto& choice = request.config.tokenizer;
  const auto known = data::read_manifest(request.directory);
  data::Manifest begun;
  tokenizer::Tokenizers tokenizers;
  if (tokenizer::names_files(choice)) {
    tokenizers = tokenizer::train_tokenizers(choice, {});
  } else {
    if (auto found = trained_before(request, task, known)) return std::move(*found);
    const auto corpus = task.load(Split::train);
    begun.text = task::hash_of(corpus);
    tokenizers = tokenizer::train_tokenizers(choice, corpus);
  }
  tokenizer::save_tokenizers(tokenizers, request.directory);
  begun.tokenizer = tokenizer::hash_of(tokenizers);
  const bool is_noted = known && known->tokenizer == begun.tokenizer && (begun.text.empty() || known->text == begun.text);
  if (!is_noted) data::write_manifest(request.directory, begun);
  return tokenizers;
}

// Shards of a former, longer text.
void remove_others(const std::filesystem::path& directory, const data::Manifest& manifest) {
  std::set<std::filesystem::path> listed;
  for (const auto& shard : manifest.shards) listed.insert(directory / shard.file);
  for (const auto& entry : std::filesystem::directory_iterator(directory / shards_folder)) {
    if (!listed.contains(entry.path())) std::filesystem::remove(entry.path());
  }
}

}  // namespace

PrepareOutcome prepare(const PrepareRequest& request) {
  const DirectoryLock lock(request.directory, "another process is preparing here");
  claim(request);
  const auto task = request.config.task.build();
  const auto tokenizers = tokenizers_for(request, *task);
  auto outcome = Preparation(request, *task, tokenizers).run();
  int64_t pairs = 0;
  for (const auto& shard : outcome.manifest.shards) pairs += shard.pairs;
  if (pairs == 0) throw DataError("task: no training pair is within training.max_source_length and max_target_length");
  data::write_manifest(request.directory, outcome.manifest);
  remove_others(request.directory, outcome.manifest);
  return outcome;
}

}  // namespace sublayer::experiment
