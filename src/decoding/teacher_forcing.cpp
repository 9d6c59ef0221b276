#include "src/decoding/teacher_forcing.h"

#include "models/device.h"

namespace sublayer::decoding {

at::Tensor teacher_forced(Seq2SeqModel& model, const data::Batch& batch, Context& context) {
  const auto device = model.device();
  const auto &source = batch.source, &target = batch.target_input;
  const auto memory = model.encode(ids_on(device, source.ids), Layout::of_lengths(source.lengths, device), context);
  return model.decode(ids_on(device, target.ids), Layout::of_lengths(target.lengths, device), memory, context);
}

}  // namespace sublayer::decoding
