#include "src/core/hash.h"

#include <xxhash.h>

#include <cstdint>
#include <new>

#include "src/core/files.h"

namespace sublayer {
namespace {

std::string hexadecimal(uint64_t value) {
  std::string digits(16, '0');
  for (size_t i = digits.size(); i-- > 0; value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
  return digits;
}

}  // namespace

std::string hash_bytes(std::string_view bytes) { return hexadecimal(XXH3_64bits(bytes.data(), bytes.size())); }

std::string hash_file(const std::filesystem::path& file) {
  InputFile input(file);
  Hasher hasher;
  std::string buffer(size_t{1} << 20, '\0');
  while (const size_t count = input.read(buffer.data(), buffer.size())) hasher.update({buffer.data(), count});
  return hasher.digest();
}

Hasher::Hasher() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  XXH3_64bits_reset(state_.get());
}

Hasher::~Hasher() = default;

void Hasher::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

void Hasher::update(std::string_view bytes) { XXH3_64bits_update(state_.get(), bytes.data(), bytes.size()); }

std::string Hasher::digest() const { return hexadecimal(XXH3_64bits_digest(state_.get())); }

}  // namespace sublayer
