#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sublayer {

// The end of an error about an unknown name: " Did you mean 'relu'? Known: gelu, relu". The suggestion is left out when no known
// name is near (Levenshtein distance above a third of the length).
std::string suggest(std::string_view given, const std::vector<std::string>& known);

}  // namespace sublayer
