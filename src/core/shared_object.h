#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sublayer {

// Whether these bytes of a file begin as a shared object for 64-bit machines of this byte order does (ELF).
bool is_shared_object(std::string_view file);

// The bytes of a named section of a shared object. Nothing where it has none of that name, or where its tables point beyond its end.
std::optional<std::string_view> find_section(std::string_view file, std::string_view name);

}  // namespace sublayer
