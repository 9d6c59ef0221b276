#pragma once

#include <string>
#include <vector>

namespace sublayer {

// What a parameter is for. Initializers, weight decay, exporters and counts read the role, never a name.
enum class Role {
  embedding,          // [vocabulary, d_model]
  output_projection,  // [vocabulary, d_model]
  position,           // [positions, d_model] or [distances, d_head]
  attention_query,    // [heads * d_head, d_model], key and value likewise
  attention_key,
  attention_value,
  attention_output,
  attention_gate,  // [heads, d_model] or [heads * d_head, d_model]
  ffn_input,       // [d_ff, d_model]
  ffn_gate,        // [d_ff, d_model]
  ffn_output,
  gain,  // of a norm or a branch, one or [d_model]
  bias,  // of a projection, a norm or scores
};

// Whether a parameter of this role is a matrix between two activations: neither a table that is looked up nor added or multiplied as it is.
bool is_matrix(Role role);

// As configs name them: "embedding", "ffn_input", ...
std::string name_of(Role role);
std::vector<std::string> role_names();

}  // namespace sublayer
