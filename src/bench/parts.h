#pragma once

#include <array>
#include <string>
#include <string_view>

namespace sublayer::bench {

// What the time of an update is divided into. Waiting is that of workers: for each other's sums, and for micro-batches where none are left.
enum class Part {
  matrix_products,
  attention,
  norm,
  activation,
  dropout,
  loss,
  embedding,
  optimizer,
  batching,
  waiting,
  other,
};
constexpr size_t part_count = 11;

const char* name_of(Part part);

// The table's row for one name that LibTorch records.
struct Owner {
  Part part;
  bool is_stage = false;  // a scope of the training loop: it belongs to its own part, whatever scope it is in
};

// A recorded name as the table has it: kernels of ours "sublayer::Dropout" whatever their namespace, nodes without their number.
std::string plain_name(std::string_view recorded);

// Null for a name that the table does not have.
const Owner* owner_of(std::string_view plain_name);

// Where time in a scope goes whose own owner is `own` (null: unknown) and which is in a scope of the part `outer` (other: in none).
Part part_within(Part outer, const Owner* own);

}  // namespace sublayer::bench
