#include "src/core/shared_object.h"

#include <elf.h>

#include <cstring>

#include "src/core/files.h"
#include "src/core/fingerprint.h"
#include "tests/support/catch.h"

namespace sublayer {
namespace {

// The test program itself has a fingerprint, as the program and each file of variants do. Without sections it is its first bytes.
std::string own_file() { return read_file("/proc/self/exe"); }

Elf64_Ehdr header_of(const std::string& file) {
  Elf64_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  return header;
}

std::string with_header(std::string file, const Elf64_Ehdr& header) {
  std::memcpy(file.data(), &header, sizeof header);
  return file;
}

}  // namespace

TEST_CASE("a section of a shared object is found by its name") {
  const auto file = own_file();
  REQUIRE(is_shared_object(file));
  const auto section = find_section(file, SUBLAYER_FINGERPRINT_SECTION);
  REQUIRE(section);
  CHECK(section->substr(0, section->find('\0')) == fingerprint);
  CHECK(find_section(file, ".text"));
  CHECK(!find_section(file, ".sublaye"));
  CHECK(!find_section(file, "sublayer"));
}

TEST_CASE("what is no shared object is not taken for one") {
  const auto file = own_file();
  auto header = header_of(file);
  for (const auto& text : {std::string(),
                           std::string("\x7f"
                                       "ELF"),
                           std::string(200, 'x'), file.substr(0, sizeof header - 1)})
    CHECK(!is_shared_object(text));
  header.e_type = ET_REL;
  CHECK(!is_shared_object(with_header(file, header)));
  header = header_of(file);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  CHECK(!is_shared_object(with_header(file, header)));
}

TEST_CASE("a file that was cut off, or whose tables point beyond its end, has no sections") {
  const auto file = own_file();
  for (const size_t size : {size_t{0}, sizeof(Elf64_Ehdr), size_t{4096}, file.size() / 2})
    CHECK(!find_section(file.substr(0, size), SUBLAYER_FINGERPRINT_SECTION));
  auto header = header_of(file);
  header.e_shoff = UINT64_MAX - 3;
  CHECK(!find_section(with_header(file, header), SUBLAYER_FINGERPRINT_SECTION));
  header = header_of(file);
  header.e_shstrndx = header.e_shnum + 1000;
  CHECK(!find_section(with_header(file, header).substr(0, header.e_shoff + header.e_shnum * header.e_shentsize),
                      SUBLAYER_FINGERPRINT_SECTION));
}

}  // namespace sublayer
