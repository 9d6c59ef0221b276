#include "src/core/safetensors.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <cstdlib>
#include <cstring>
#include <random>

#include "src/core/errors.h"
#include "tests/support/catch.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_directory.h"

namespace sublayer::test {
namespace {

using Metadata = std::map<std::string, std::string>;

const std::vector<c10::ScalarType> file_dtypes = {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong,
                                                  at::kInt,    at::kShort, at::kChar, at::kByte,     at::kBool};

std::string bytes_of(const at::Tensor& tensor) {
  const auto whole = tensor.contiguous();
  return {static_cast<const char*>(whole.const_data_ptr()), whole.nbytes()};
}

// Every pattern of bits that the type allows, NaN included.
at::Tensor patterned(c10::ScalarType dtype, at::IntArrayRef shape) {
  const at::Tensor tensor = at::empty(shape, dtype);
  auto* bytes = static_cast<uint8_t*>(tensor.mutable_data_ptr());
  for (size_t i = 0; i < tensor.nbytes(); ++i) bytes[i] = static_cast<uint8_t>(dtype == at::kBool ? i % 2 : i * 37 + 11);
  return tensor;
}

NamedTensors one_of_each_dtype() {
  NamedTensors tensors;
  for (const auto dtype : file_dtypes) tensors.emplace_back(c10::toString(dtype), patterned(dtype, {3, 5}));
  return tensors;
}

at::Tensor tensor_named(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [known, tensor] : tensors) {
    if (known == name) return tensor;
  }
  return {};
}

void check_same_tensors(const NamedTensors& expected, const NamedTensors& given) {
  REQUIRE(expected.size() == given.size());
  for (const auto& [name, tensor] : expected) {
    const auto other = tensor_named(given, name);
    INFO("tensor " << name);
    REQUIRE(other.defined());
    CHECK(other.scalar_type() == tensor.scalar_type());
    CHECK(other.sizes() == tensor.sizes());
    CHECK(bytes_of(other) == bytes_of(tensor));
  }
}

std::string length_prefix(uint64_t length) { return {reinterpret_cast<const char*>(&length), sizeof(length)}; }

std::string assembled(const std::string& header, const std::string& data) { return length_prefix(header.size()) + header + data; }

// What the reader says about these bytes, without the name of the file that each message begins with.
std::string complaint(const TemporaryDirectory& directory, const std::string& bytes) {
  const auto file = write_bytes(directory / "x.safetensors", bytes);
  const std::string message = message_of<DataError>([&] { read_safetensors(file); });
  const std::string place = file.string() + ": ";
  return message.substr(0, place.size()) == place ? message.substr(place.size()) : message;
}

const NamedTensors small_tensors = {{"weight", at::arange(6, at::kFloat).view({2, 3})}, {"mask", at::ones({3}, at::kBool)}};

std::string small_file(const TemporaryDirectory& directory) {
  write_safetensors(directory / "small.safetensors", small_tensors, {{"step", "7"}});
  return read_bytes(directory / "small.safetensors");
}

}  // namespace

TEST_CASE("tensors of every dtype and their metadata come back bit for bit") {
  TemporaryDirectory directory;
  const auto tensors = one_of_each_dtype();
  const Metadata metadata = {{"format", "pt"}, {"caf\xc3\xa9", "a \"quoted\" line\nand another"}, {"", ""}};
  write_safetensors(directory / "x", tensors, metadata);
  const auto read = read_safetensors(directory / "x");
  check_same_tensors(tensors, read.tensors);
  CHECK(read.metadata == metadata);
}

TEST_CASE("scalars, empty tensors, views and no tensors at all come back") {
  TemporaryDirectory directory;
  const auto matrix = at::arange(12, at::kDouble).view({3, 4});
  const NamedTensors tensors = {{"scalar", matrix[1][2]},
                                {"none", at::empty({0, 7}, at::kLong)},
                                {"transposed", matrix.t()},
                                {"column", matrix.select(1, 2)},
                                {"needs_gradient", at::ones({2}).requires_grad_()},
                                {"quote\" and \xe8\xa8\x80", at::zeros({1}, at::kShort)}};
  write_safetensors(directory / "x", tensors);
  check_same_tensors(tensors, read_safetensors(directory / "x").tensors);
  write_safetensors(directory / "x", {});
  CHECK(read_safetensors(directory / "x").tensors.empty());
}

TEST_CASE("tensors read from a file are contiguous and aligned for vector instructions") {
  TemporaryDirectory directory;
  write_safetensors(directory / "x", one_of_each_dtype());
  for (const auto& [name, tensor] : read_safetensors(directory / "x").tensors) {
    CHECK(tensor.is_contiguous());
    CHECK(reinterpret_cast<uintptr_t>(tensor.const_data_ptr()) % 64 == 0);
  }
}

TEST_CASE("equal content gives equal bytes, and tensors of one width keep their order") {
  TemporaryDirectory directory;
  const NamedTensors tensors = {{"z", at::ones({2})}, {"flag", at::ones({3}, at::kBool)}, {"a", at::ones({1})}, {"m", at::ones({4})}};
  write_safetensors(directory / "x", tensors, {{"b", "1"}, {"a", "2"}});
  write_safetensors(directory / "y", tensors, {{"a", "2"}, {"b", "1"}});
  CHECK(read_bytes(directory / "x") == read_bytes(directory / "y"));
  std::string order;
  for (const auto& [name, tensor] : read_safetensors(directory / "x").tensors) order += name + " ";
  CHECK(order == "z a m flag ");
}

TEST_CASE("the data begin at a multiple of 64 bytes, whatever the length of the header") {
  TemporaryDirectory directory;
  for (size_t length = 0; length < 70; ++length) {
    write_safetensors(directory / "x", {{std::string(length, 'n'), at::ones({1})}});
    uint64_t header_size = 0;
    std::memcpy(&header_size, read_bytes(directory / "x").data(), sizeof(header_size));
    REQUIRE((sizeof(header_size) + header_size) % 64 == 0);
  }
}

TEST_CASE("a file cut anywhere is refused") {
  TemporaryDirectory directory;
  const std::string bytes = small_file(directory);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string what = complaint(directory, bytes.substr(0, size));
    INFO(size << " of " << bytes.size() << " bytes: " << what);
    REQUIRE(what.find("truncated") != std::string::npos);
  }
  CHECK(complaint(directory, "") == "truncated: 0 bytes cannot be a safetensors file");
  CHECK(complaint(directory, bytes.substr(0, bytes.size() - 1)) ==
        "tensor 'mask': ends at byte 27 of the data, but the file holds 26: truncated");
}

TEST_CASE("a file with any single bit turned is refused") {
  TemporaryDirectory directory;
  const std::string bytes = small_file(directory);
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string altered = bytes;
      altered[i] = static_cast<char>(altered[i] ^ (1 << bit));
      const std::string what = complaint(directory, altered);
      INFO("bit " << bit << " of byte " << i << ": " << what);
      REQUIRE(what != "(nothing was thrown)");
      REQUIRE(what.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("altered data, an altered header and bytes at the end are told apart") {
  TemporaryDirectory directory;
  const std::string bytes = small_file(directory);
  std::string altered = bytes;
  altered[bytes.size() - 20] ^= 1;
  CHECK(complaint(directory, altered) == "altered or damaged: checksum differs (tensor data)");
  altered = bytes;
  altered.replace(bytes.find("\"step\":\"7\"") + 8, 1, "8");
  CHECK(complaint(directory, altered) == "altered or damaged: checksum differs (header)");
  altered = bytes;
  altered.replace(bytes.find("xxh3_header"), 11, "xxh3_heaxer");
  CHECK(complaint(directory, altered) == "altered or damaged: checksum differs (header)");
  CHECK(complaint(directory, bytes + "x") == "trailing bytes: 27 to 28 of the data belong to no tensor");
}

TEST_CASE("a file of another writer, without checksums, is read") {
  TemporaryDirectory directory;
  const std::string data = {1, 0, 2, 0, 1};
  const auto file = write_bytes(
      directory / "x",
      assembled(R"({"b":{"data_offsets":[4,5],"shape":[],"dtype":"BOOL"},"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}   )", data));
  const auto read = read_safetensors(file);
  REQUIRE(read.tensors.size() == 2);
  CHECK(read.tensors[0].first == "a");
  CHECK(bytes_of(read.tensors[0].second) == data.substr(0, 4));
  CHECK(read.tensors[1].second.item<bool>());
  CHECK(read.metadata.empty());
}

TEST_CASE("each way in which a safetensors file can be wrong has a message of its own") {
  TemporaryDirectory directory;
  const auto about = [&](const std::string& header, size_t data_size = 4) {
    return complaint(directory, assembled(header, std::string(data_size, '\2')));
  };
  const auto fields = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
  };
  const std::string good = fields("F32", "[1]", "[0,4]");
  const std::string numbers = "is missing or not a list of integers from 0 to 2^63 - 1";
  const std::string no_file = ": damaged, or not a safetensors file";

  CHECK(about(R"({"w":)" + good + "}") == "(nothing was thrown)");
  CHECK(about("") == "the header is not a JSON object" + no_file);
  CHECK(about("[1]") == "the header is not a JSON object" + no_file);
  CHECK(about(R"({"w":})") == "the header is not valid JSON at byte 6" + no_file);
  CHECK(about(R"({"w":)" + good + "}x") == "the header is not valid JSON at byte 55" + no_file);
  CHECK(about(std::string("{}\0 ", 4)) == "the header is not valid JSON at byte 3" + no_file);
  CHECK(about(R"({"w":1e999})") == "the header holds a number that is too large" + no_file);
  CHECK(about(R"({"w":)" + std::string(100000, '[')) == "the header is nested too deeply");
  CHECK(about(R"({"w":)" + good + R"(,"w":)" + good + "}") == "the header names 'w' twice");
  CHECK(about(R"({"w":{"dtype":"F32","dtype":"F32"}})") == "the header names 'dtype' twice");
  CHECK(about(R"({"__metadata__":[]})") == "__metadata__ is not a JSON object");
  CHECK(about(R"({"__metadata__":{"step":7}})") == "__metadata__: the value of 'step' is not a string");
  CHECK(about(R"({"__metadata__":{"xxh3":"0123456789abcdef"}})") == "altered or damaged: checksum differs (header)");
  CHECK(about(R"({"w":7})") == "tensor 'w': its description is not a JSON object");
  CHECK(about(R"({"w\n":7})") == "tensor 'w\\n': its description is not a JSON object");
  CHECK(about(R"({"w":{"type":"F32"}})") == "tensor 'w': unknown key 'type'");
  CHECK(about(R"({"w":{"shape":[1],"data_offsets":[0,4]}})") == "tensor 'w': dtype is missing or not a string");
  CHECK(about(R"({"w":)" + fields("F8_E5M2", "[4]", "[0,4]") + "}") == "tensor 'w': dtype 'F8_E5M2' is not supported");
  CHECK(about(R"({"w":{"dtype":"F32","data_offsets":[0,4]}})") == "tensor 'w': shape " + numbers);
  for (const std::string shape : {"[-1]", "[1.0]", "[\"1\"]", "1", "[18446744073709551616]", "[9223372036854775808]", "[[1]]", "null"}) {
    CHECK(about(R"({"w":)" + fields("F32", shape, "[0,4]") + "}") == "tensor 'w': shape " + numbers);
  }
  CHECK(about(R"({"w":{"dtype":"F32","shape":[1]}})") == "tensor 'w': data_offsets " + numbers);
  CHECK(about(R"({"w":)" + fields("F32", "[1]", "[4,0]") + "}") == "tensor 'w': data_offsets must be [begin, end]");
  CHECK(about(R"({"w":)" + fields("F32", "[1]", "[0,4,4]") + "}") == "tensor 'w': data_offsets must be [begin, end]");
  CHECK(about(R"({"w":)" + fields("F32", "[2]", "[0,4]") + "}") == "tensor 'w': its shape and dtype take 8 bytes, its data_offsets 4");
  for (const std::string shape : {"[4294967296,4294967296]", "[0,4294967296,4294967296]", "[9223372036854775807]"}) {
    CHECK(about(R"({"w":)" + fields("F32", shape, "[0,0]") + "}") == "tensor 'w': the product of its shape is too large");
  }
  CHECK(about(R"({"w":)" + fields("F32", "[2]", "[0,8]") + "}") ==
        "tensor 'w': ends at byte 8 of the data, but the file holds 4: truncated");
  CHECK(about(R"({"v":)" + good + R"(,"w":)" + good + "}") == "tensor 'w': its data overlap those of another tensor");
  CHECK(about(R"({"w":)" + fields("F32", "[1]", "[4,8]") + "}", 8) == "tensor 'w': bytes 0 to 4 before it belong to no tensor");
  CHECK(about("{}") == "trailing bytes: 0 to 4 of the data belong to no tensor");
  CHECK(about(R"({"w":)" + fields("BOOL", "[4]", "[0,4]") + "}") == "tensor 'w': BOOL data other than 0 and 1");
  CHECK(complaint(directory, length_prefix(3) + "{}") == "a header of 3 bytes in a file of 10: truncated, or not a safetensors file");
  CHECK(complaint(directory, length_prefix(~uint64_t{0}) + "{}") ==
        "a header of 18446744073709551615 bytes in a file of 10: truncated, or not a safetensors file");
  const std::string missing = (directory / "none").string();
  CHECK(message_of<DataError>([&] { read_safetensors(missing); }) == missing + ": cannot read: No such file or directory");
}

TEST_CASE("whatever is done to a header without checksums, the file is read or refused in one line") {
  TemporaryDirectory directory;
  const std::string header = R"({"__metadata__":{"k":"v"},"a":{"dtype":"I16","shape":[2,1],"data_offsets":[0,4]},)"
                             R"("b":{"dtype":"U8","shape":[0,3],"data_offsets":[4,4]}})";
  std::mt19937 random(1);
  const std::string pieces = "{}[]\",:0129eE.-\\ \n\x7f\xc3";
  for (int round = 0; round < 5000; ++round) {
    std::string altered = header;
    for (uint32_t i = 0; i <= random() % 3; ++i) {
      const size_t at = random() % altered.size();
      if (random() % 2) altered[at] = pieces[random() % pieces.size()];
      if (random() % 4 == 0) altered.erase(at, random() % 6);
      if (random() % 4 == 0) altered.insert(at, altered.substr(random() % altered.size(), random() % 20));
    }
    const std::string what = complaint(directory, assembled(altered, std::string(4, '\1')));
    INFO(altered << " -> " << what);
    REQUIRE(what.find('\n') == std::string::npos);
  }
}

TEST_CASE("what the format cannot hold is refused while writing, and the old file stays") {
  TemporaryDirectory directory;
  const auto file = write_bytes(directory / "x", "old");
  const auto refused = [&](const NamedTensors& tensors, const Metadata& metadata, const std::string& reason) {
    const std::string message = message_of<c10::Error>([&] { write_safetensors(file, tensors, metadata); });
    INFO(message);
    CHECK(message.find(reason) != std::string::npos);
  };
  const auto one = at::ones({1});
  refused({{"a", one}, {"a", one}}, {}, "tensor name 'a' is reserved or occurs twice");
  refused({{"__metadata__", one}}, {}, "tensor name '__metadata__' is reserved or occurs twice");
  refused({{"a", {}}}, {}, "tensor 'a' is undefined or not dense");
  refused({{"a", one.to(at::kComplexFloat)}}, {}, "cannot hold tensors of type ComplexFloat");
  refused({{"a", one}}, {{"xxh3", "0"}}, "metadata keys 'xxh3' and 'xxh3_header' are reserved");
  CHECK(read_bytes(file) == "old");
}

// The other half of tests/interop/test_safetensors.py: reads what Python wrote and writes it again, and writes tensors of its own.
TEST_CASE("(exchanges safetensors files with Python)", "[.interop_safetensors]") {
  const char* directory = std::getenv("SUBLAYER_TEST_DIRECTORY");
  if (directory == nullptr) return;
  const std::filesystem::path folder = directory;
  const auto read = read_safetensors(folder / "python.safetensors");
  write_safetensors(folder / "rewritten.safetensors", read.tensors, read.metadata);
  NamedTensors tensors = {{"narrow_first", at::ones({3}, at::kByte)}, {"arange", at::arange(6, at::kFloat).view({2, 3}).t()}};
  for (const auto dtype : file_dtypes) tensors.emplace_back(std::string("ones.") + c10::toString(dtype), at::ones({3, 1}, dtype));
  tensors.emplace_back("scalar", at::ones({}, at::kLong));
  tensors.emplace_back("none", at::empty({0, 7}));
  write_safetensors(folder / "cpp.safetensors", tensors, {{"format", "pt"}, {"note", "caf\xc3\xa9 \"1\"\n"}});
}

}  // namespace sublayer::test
