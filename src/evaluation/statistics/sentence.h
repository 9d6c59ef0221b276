#pragma once

#include <string>

namespace sublayer::statistics {

struct Decision;
struct Design;

// A decision in plain words, all of its fields but `sentence` being known. Numbers have three significant digits.
std::string sentence_of(const Decision& decision, const Design& design);

}  // namespace sublayer::statistics
