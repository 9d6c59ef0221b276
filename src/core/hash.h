#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace sublayer {

// Content hashes (XXH3, 64 bits) as 16 lowercase hexadecimal digits: they find accidents and mistaken files, not attacks.
std::string hash_bytes(std::string_view bytes);
std::string hash_file(const std::filesystem::path& file);

// The hash of bytes that arrive in pieces; how they are cut does not matter.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  void update(std::string_view bytes);
  std::string digest() const;  // of everything so far

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };
  std::unique_ptr<XXH3_state_s, Free> state_;
};

}  // namespace sublayer
