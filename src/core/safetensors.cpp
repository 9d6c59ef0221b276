#include "src/core/safetensors.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <string_view>

#include "src/core/errors.h"
#include "src/core/files.h"
#include "src/core/hash.h"
#include "src/core/safetensors_header.h"

namespace sublayer {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data are little-endian and are copied as they are");

constexpr uint64_t largest_header = 100'000'000;  // as in the reference implementation

std::string_view tensor_bytes(const at::Tensor& tensor) { return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()}; }

// Dense, contiguous, on the CPU; wider elements first.
NamedTensors arrange_for_file(const NamedTensors& tensors) {
  NamedTensors arranged;
  std::set<std::string> names = {"__metadata__"};
  for (const auto& [name, tensor] : tensors) {
    TORCH_CHECK(names.insert(name).second, "tensor name '", name, "' is reserved or occurs twice");
    TORCH_CHECK(tensor.defined() && tensor.layout() == at::kStrided, "tensor '", name, "' is undefined or not dense");
    arranged.emplace_back(name, tensor.detach().to(at::kCPU).contiguous());
  }
  std::stable_sort(arranged.begin(), arranged.end(),
                   [](const auto& a, const auto& b) { return a.second.element_size() > b.second.element_size(); });
  return arranged;
}

SafetensorsHeader describe_tensors(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
  TORCH_CHECK(!metadata.count("xxh3") && !metadata.count("xxh3_header"), "metadata keys 'xxh3' and 'xxh3_header' are reserved");
  SafetensorsHeader header;
  header.metadata = metadata;
  Hasher hasher;
  uint64_t end = 0;
  for (const auto& [name, tensor] : tensors) {
    const uint64_t begin = end;
    end += tensor.nbytes();
    header.entries.push_back({name, tensor.scalar_type(), tensor.sizes().vec(), begin, end});
    hasher.update(tensor_bytes(tensor));
  }
  header.data_hash = hasher.digest();
  return header;
}

// Reads the length and the header; `input` stands at the data afterwards.
SafetensorsHeader read_header(InputFile& input, const std::string& file) {
  const uint64_t file_size = input.size();
  uint64_t header_size = 0;
  if (input.read(&header_size, sizeof(header_size)) < sizeof(header_size)) {
    throw DataError(file + ": truncated: " + std::to_string(file_size) + " bytes cannot be a safetensors file");
  }
  const uint64_t rest = std::max(file_size, uint64_t{sizeof(header_size)}) - sizeof(header_size);
  if (header_size > std::min(rest, largest_header)) {
    throw DataError(file + ": a header of " + std::to_string(header_size) + " bytes in a file of " + std::to_string(file_size) +
                    ": truncated, or not a safetensors file");
  }
  std::string text(header_size, '\0');
  if (input.read(text.data(), text.size()) < text.size()) throw DataError(file + ": truncated while it was read");
  return parse_safetensors_header(text, rest - header_size, file);
}

// A byte other than 0 and 1 in a bool is undefined behaviour for everybody after us.
void check_booleans(const std::string& file, const std::string& name, const at::Tensor& tensor) {
  const auto is_no_boolean = [](char byte) { return byte != 0 && byte != 1; };
  const auto bytes = tensor_bytes(tensor);
  if (std::any_of(bytes.begin(), bytes.end(), is_no_boolean)) {
    throw DataError(file + ": " + tensor_in_message(name) + ": BOOL data other than 0 and 1");
  }
}

}  // namespace

void write_safetensors(const std::filesystem::path& file, const NamedTensors& tensors, const std::map<std::string, std::string>& metadata) {
  const NamedTensors arranged = arrange_for_file(tensors);
  const std::string header = format_safetensors_header(describe_tensors(arranged, metadata));
  const uint64_t header_size = header.size();
  DurableFile output(file);
  output.append({reinterpret_cast<const char*>(&header_size), sizeof(header_size)});
  output.append(header);
  for (const auto& [name, tensor] : arranged) output.append(tensor_bytes(tensor));
  output.commit();
}

Safetensors read_safetensors(const std::filesystem::path& file) {
  const std::string file_name = file.string();
  InputFile input(file);
  SafetensorsHeader header = read_header(input, file_name);
  Safetensors result{{}, std::move(header.metadata)};
  Hasher hasher;
  for (const auto& entry : header.entries) {
    const at::Tensor tensor = at::empty(entry.shape, at::TensorOptions(at::kCPU).dtype(entry.dtype));
    if (input.read(tensor.mutable_data_ptr(), tensor.nbytes()) < tensor.nbytes()) {
      throw DataError(file_name + ": " + tensor_in_message(entry.name) + ": truncated while it was read");
    }
    hasher.update(tensor_bytes(tensor));
    result.tensors.emplace_back(entry.name, tensor);
  }
  if (!header.data_hash.empty() && header.data_hash != hasher.digest()) {
    throw DataError(file_name + ": altered or damaged: checksum differs (tensor data)");
  }
  for (const auto& [name, tensor] : result.tensors) {
    if (tensor.scalar_type() == at::kBool) check_booleans(file_name, name, tensor);
  }
  return result;
}

}  // namespace sublayer
