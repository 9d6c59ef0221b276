#pragma once

#include "data/batch.h"
#include "models/model.h"

namespace sublayer::decoding {

// Reads whole pairs: every position of the given targets at once, each seeing those before it -> hidden states [N, d_model], one for each
// id of the target output.
at::Tensor teacher_forced(Seq2SeqModel& model, const data::Batch& batch, Context& context);

}  // namespace sublayer::decoding
