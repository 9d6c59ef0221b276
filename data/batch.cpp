#include "data/batch.h"

#include "data/tokenizer/tokenizer.h"

namespace sublayer::data {

void Sequences::add(const std::vector<int64_t>& sequence) {
  ids.insert(ids.end(), sequence.begin(), sequence.end());
  lengths.push_back(static_cast<int64_t>(sequence.size()));
}

Batch make_batch(const Dataset& dataset, const std::vector<int64_t>& examples) {
  Batch batch;
  std::vector<int64_t> sequence;
  for (const int64_t example : examples) {
    sequence = dataset.source[example].ids();
    sequence.push_back(tokenizer::end_id);
    batch.source.add(sequence);

    sequence = dataset.target[example].ids();
    sequence.push_back(tokenizer::end_id);
    batch.target_output.add(sequence);

    sequence.pop_back();
    sequence.insert(sequence.begin(), tokenizer::begin_id);
    batch.target_input.add(sequence);
  }
  return batch;
}

}  // namespace sublayer::data
