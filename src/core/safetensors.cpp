#include "src/core/safetensors.h"

#include <ATen/ops/empty.h>
#include <c10/core/ScalarType.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "src/core/errors.h"
#include "src/core/hash.h"
#include "src/core/safetensors_file.h"

namespace sublayer {
namespace {

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
  TORCH_CHECK(!metadata.count("xxh3") && !metadata.count("xxh3_header"), "metadata keys 'xxh3' and 'xxh3_header' are reserved");
  const NamedTensors arranged = arrange_for_file(tensors);
  std::vector<SafetensorsPart> parts;
  for (const auto& [name, tensor] : arranged) parts.push_back({name, tensor.scalar_type(), tensor.sizes().vec(), tensor_bytes(tensor)});
  write_safetensors_parts(file, parts, metadata);
}

Safetensors read_safetensors(const std::filesystem::path& file) {
  const std::string file_name = file.string();
  InputFile input(file);
  SafetensorsHeader header = read_safetensors_header(input, file_name);
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
