#pragma once

namespace sublayer {

// What a parameter is for. Initializers, weight decay, exporters and counts read the role, never a name.
enum class Role {
  embedding,          // [vocabulary, d_model]
  output_projection,  // [vocabulary, d_model]
  position,           // [positions, d_model]
  attention_query,    // [heads * d_head, d_model], key and value likewise
  attention_key,
  attention_value,
  attention_output,
  attention_gate,  // [heads, d_model] or [heads * d_head, d_model]
  ffn_input,       // [d_ff, d_model]
  ffn_gate,        // [d_ff, d_model]
  ffn_output,
  gain,  // of a norm or a branch, one or [d_model]
  bias,
};

}  // namespace sublayer
