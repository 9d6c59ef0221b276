#include "src/core/shared_object.h"

#include <elf.h>

#include <bit>
#include <cstring>

namespace sublayer {
namespace {

constexpr unsigned char byte_order = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

std::optional<std::string_view> part(std::string_view file, uint64_t offset, uint64_t size) {
  if (offset > file.size() || size > file.size() - offset) return std::nullopt;
  return file.substr(offset, size);
}

// A struct of <elf.h> at an offset that need not be aligned.
template <class Struct>
std::optional<Struct> read_struct(std::string_view file, uint64_t offset) {
  const auto bytes = part(file, offset, sizeof(Struct));
  if (!bytes) return std::nullopt;
  Struct value;
  std::memcpy(&value, bytes->data(), sizeof value);
  return value;
}

std::optional<Elf64_Shdr> section_header(std::string_view file, const Elf64_Ehdr& header, uint64_t index) {
  if (header.e_shoff > file.size()) return std::nullopt;
  return read_struct<Elf64_Shdr>(file, header.e_shoff + index * header.e_shentsize);
}

}  // namespace

bool is_shared_object(std::string_view file) {
  const auto header = read_struct<Elf64_Ehdr>(file, 0);
  return header && std::memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
         header->e_ident[EI_DATA] == byte_order && header->e_type == ET_DYN;
}

std::optional<std::string_view> find_section(std::string_view file, std::string_view name) {
  const auto header = read_struct<Elf64_Ehdr>(file, 0);
  if (!header) return std::nullopt;
  const auto table = section_header(file, *header, header->e_shstrndx);
  const auto names = table ? part(file, table->sh_offset, table->sh_size) : std::nullopt;
  if (!names) return std::nullopt;
  for (uint64_t i = 0; i < header->e_shnum; ++i) {
    const auto section = section_header(file, *header, i);
    if (!section) return std::nullopt;
    if (section->sh_name >= names->size()) continue;
    const auto rest = names->substr(section->sh_name);
    if (rest.substr(0, rest.find('\0')) == name) return part(file, section->sh_offset, section->sh_size);
  }
  return std::nullopt;
}

}  // namespace sublayer
