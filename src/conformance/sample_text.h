#pragma once

#include <filesystem>

#include "data/task/task.h"

namespace sublayer::conformance {

// Some hundred pairs of sentences for tokenizers, with a few capitals, rare characters and characters of several forms.
const task::Corpus& sample_corpus();

// The folder that relative paths of alternatives and small values start from. It holds the pairs as source.txt and target.txt and, in two
// columns, as pairs.tsv; it goes away with the process.
const std::filesystem::path& sample_folder();

}  // namespace sublayer::conformance
