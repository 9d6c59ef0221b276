#include "tests/models/sentence_pairs.h"

#include <ATen/ATen.h>

namespace sublayer::test {
namespace {

std::vector<int64_t> lengths_of(const std::vector<Ids>& rows) {
  std::vector<int64_t> lengths;
  for (const Ids& row : rows) lengths.push_back(std::ssize(row));
  return lengths;
}

}  // namespace

SentencePairs SentencePairs::alone(size_t index) const {
  SentencePairs one;
  one.sources = {sources.at(index)};
  one.targets = {targets.at(index)};
  return one;
}

at::Tensor packed_ids(const std::vector<Ids>& rows) {
  Ids all;
  for (const Ids& row : rows) all.insert(all.end(), row.begin(), row.end());
  return at::tensor(all, at::kLong);
}

at::Tensor padding_mask_of(const std::vector<Ids>& rows) {
  const auto lengths = at::tensor(lengths_of(rows), at::kLong);
  return at::arange(lengths.max().item<int64_t>()).unsqueeze(0) >= lengths.unsqueeze(1);
}

Layout layout_of(const std::vector<Ids>& rows) { return Layout::of_lengths(lengths_of(rows)); }

int64_t count_of(const std::vector<Ids>& rows) { return packed_ids(rows).size(0); }

at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs, Context& context) {
  const auto memory = model.encode(packed_ids(pairs.sources), layout_of(pairs.sources), context);
  return model.decode(packed_ids(pairs.targets), layout_of(pairs.targets), memory, context);
}

at::Tensor hidden_states(Seq2SeqModel& model, const SentencePairs& pairs) {
  Context context = Context::evaluation();
  return hidden_states(model, pairs, context);
}

}  // namespace sublayer::test
