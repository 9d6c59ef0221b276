#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sublayer::experiment {

struct InspectedToken {
  int64_t id = 0;
  std::string piece;          // as the vocabulary writes it
  double embedding_norm = 0;  // L2 norm of its (scaled) embedding
  double input_norm = 0;      // with position and norm: what enters the first layer
};

// The tokens of one side, and how their vectors grow from layer to layer.
struct InspectedSide {
  std::vector<InspectedToken> tokens;
  std::vector<std::pair<std::string, std::vector<double>>> layer_norms;  // path of a layer, L2 norm of its output at each token
};

// The weights of one attention: how much each query (row) takes from each key (column). Rows sum to 1, those of
// a merged attention over its two pictures, `.own` and `.memory`.
struct AttentionPicture {
  std::string module;  // "decoder.layers.1.cross_attention.body"
  bool has_target_queries = false, has_target_keys = false;
  int64_t heads = 0, queries = 0, keys = 0;
  std::vector<float> weights;  // [heads, queries, keys]

  float at(int64_t head, int64_t query, int64_t key) const { return weights[(head * queries + query) * keys + key]; }
};

struct ProbableToken {
  int64_t id = 0;
  std::string piece;
  double probability = 0;
};

// A beginning of a target that the search follows, and what the model would write next.
struct FollowedRow {
  std::vector<std::string> pieces;  // empty at the first step
  double log_probability = 0;       // of them together, natural logarithm
  std::vector<ProbableToken> next;  // most probable first
};

struct FoundTarget {
  std::string text;
  double score = 0, log_probability = 0;
  bool is_finished = false;  // false: the length limit ended it
};

// One sentence walked through a model; a plain value.
struct Inspection {
  std::string run, weights;  // directory, and which checkpoint: "best (update 900)"
  std::string search;        // variant
  std::string source_text, target_text;
  InspectedSide source;
  InspectedSide target;                         // what the decoder reads: the begin symbol and the best target
  std::vector<AttentionPicture> attention;      // of the best target, in the order of the layers
  std::vector<std::vector<FollowedRow>> steps;  // of the search, rows best first
  std::vector<FoundTarget> found;               // best first
};

// The pictures as text for a terminal, and as one HTML file that needs no network.
std::string inspection_text(const Inspection& inspection);
std::string inspection_html(const Inspection& inspection);

}  // namespace sublayer::experiment
