#include "src/decoding/teacher_forcing.h"

#include <ATen/ops/tensor.h>

namespace sublayer::decoding {

at::Tensor teacher_forced(Seq2SeqModel& model, const data::Batch& batch, Context& context) {
  const auto memory = model.encode(at::tensor(batch.source.ids, at::kLong), Layout::of_lengths(batch.source.lengths), context);
  return model.decode(at::tensor(batch.target_input.ids, at::kLong), Layout::of_lengths(batch.target_input.lengths), memory, context);
}

}  // namespace sublayer::decoding
