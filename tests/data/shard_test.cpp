#include "data/shard.h"

#include "data/manifest.h"
#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/choice_of.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
namespace {

const task::Corpus shard_corpus{{{"a b", "A"}, {"a a a", "A A"}, {"b", "B B B"}, {"a", "A"}}, {}};

tokenizer::Tokenizers shard_words() {
  return train_tokenizers(choice_of<tokenizer::Tokenizer>("{type: whitespace, joint: false}"), shard_corpus);
}

data::TokenizedPairs tokenized(const tokenizer::Tokenizers& tokenizers, const data::LengthLimits& limits) {
  data::TokenizedPairs pairs(tokenizers);
  for (const auto& example : shard_corpus.examples) pairs.add(example, tokenizers, limits);
  return pairs;
}

data::LengthLimits up_to(int64_t length) {
  data::LengthLimits limits;
  limits.max_source_length = limits.max_target_length = length;
  return limits;
}

std::string complaint_about(const std::filesystem::path& file) {
  const auto message = message_of<DataError>([&] { data::open_shard(file); });
  return message.starts_with(file.string() + ": ") ? message.substr(file.string().size() + 2) : message;
}

}  // namespace

TEST_CASE("a shard gives back the pairs that were written, and what the limits left out") {
  const TemporaryDirectory directory;
  const auto tokenizers = shard_words();
  data::write_shard(directory / "a", tokenized(tokenizers, up_to(3)), "origin");
  const auto shard = data::open_shard(directory / "a");
  data::Sentences source, target;
  source.append(shard.source);
  target.append(shard.target);
  REQUIRE(source.size() == 2);
  REQUIRE(target.size() == 2);
  CHECK(tokenizers.source->decode(source[0].ids()) == "a b");
  CHECK(tokenizers.target->decode(target[0].ids()) == "A");
  CHECK(tokenizers.source->decode(source[1].ids()) == "a");
  source.release();  // and is read again
  CHECK(tokenizers.source->decode(source[0].ids()) == "a b");
  CHECK(shard.long_sources == 1);
  CHECK(shard.long_targets == 1);
  CHECK(shard.origin == "origin");

  data::write_shard(directory / "b", tokenized(tokenizers, up_to(3)), "origin");
  CHECK(read_bytes(directory / "a") == read_bytes(directory / "b"));
  CHECK(data::open_shard(directory / "b").identity == shard.identity);
  data::write_shard(directory / "b", tokenized(tokenizers, up_to(4)), "origin");
  CHECK(data::open_shard(directory / "b").identity != shard.identity);
  data::write_shard(directory / "empty", data::TokenizedPairs(tokenizers), "origin");
  CHECK(data::open_shard(directory / "empty").source.size == 0);
}

TEST_CASE("a shard that is truncated, altered or something else is refused") {
  const TemporaryDirectory directory;
  const auto file = directory / "a";
  data::write_shard(file, tokenized(shard_words(), up_to(9)), "origin");
  const std::string bytes = read_bytes(file);
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto other = bytes;
    other[i] = static_cast<char>(other[i] ^ 1);
    write_bytes(file, other);
    CHECK_THROWS_AS(data::open_shard(file), DataError);
  }
  for (const size_t size : {size_t{0}, size_t{5}, size_t{40}, bytes.size() - 1}) {
    write_bytes(file, bytes.substr(0, size));
    CHECK(complaint_about(file).find("truncated") != std::string::npos);
  }
  CHECK(complaint_about(directory / "none") == "cannot read: No such file or directory");
}

TEST_CASE("a manifest survives its JSON, and an altered one is refused") {
  const TemporaryDirectory directory;
  CHECK(!data::read_manifest(directory.path()));
  const data::Manifest manifest{"t", "x", true, {{"train/0", "i", 3, 4, 5}}, {{"empty side", 2}}};
  data::write_manifest(directory.path(), manifest);
  const auto read = *data::read_manifest(directory.path());
  CHECK((read.tokenizer == "t" && read.text == "x" && read.is_complete && read.dropped == manifest.dropped));
  REQUIRE(read.shards.size() == 1);
  CHECK((read.shards[0].file == "train/0" && read.shards[0].identity == "i" && read.shards[0].pairs == 3));

  const auto file = directory / "manifest.json";
  auto bytes = read_bytes(file);
  const auto complaint = [&](const std::string& text) {
    write_bytes(file, text);
    return message_of<DataError>([&] { data::read_manifest(directory.path()); });
  };
  const std::string way_out = "; remove it and run the same `sublayer prepare` again: finished shards are kept";
  CHECK(complaint(bytes.substr(0, 50)) == file.string() + ": truncated or damaged: not a manifest of prepared pairs" + way_out);
  bytes.replace(bytes.find("train/0"), 7, "train/1");
  CHECK(complaint(bytes) == file.string() + ": altered or damaged: its checksum differs" + way_out);
}

TEST_CASE("shards are opened in the order of the manifest, and one of another corpus is refused") {
  const TemporaryDirectory directory;
  const auto tokenizers = shard_words();
  data::Manifest manifest;
  for (const auto& [name, limit] : {std::pair{"a", 3}, {"b", 9}}) {
    data::write_shard(directory / name, tokenized(tokenizers, up_to(limit)), "origin");
    manifest.shards.push_back({name, data::open_shard(directory / name).identity, 0, 0, 0});
  }
  const auto dataset = data::open_shards(directory.path(), manifest);
  CHECK(dataset.size() == 6);
  CHECK(tokenizers.source->decode(dataset.source[3].ids()) == "a a a");

  std::filesystem::copy_file(directory / "a", directory / "b", std::filesystem::copy_options::overwrite_existing);
  const std::string way_out = "; run the same `sublayer prepare` again: it makes this shard anew";
  CHECK(message_of<DataError>([&] { data::open_shards(directory.path(), manifest); }) ==
        (directory / "b").string() + ": another shard than the one that was prepared" + way_out);
}

}  // namespace sublayer::test
