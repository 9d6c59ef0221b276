#include "src/decoding/decoder.h"

#include <algorithm>
#include <string>

#include "data/tokenizer/tokenizer.h"
#include "models/device.h"
#include "src/core/errors.h"

namespace sublayer::decoding {
namespace {

using Ids = std::vector<int64_t>;

void check_lengths(const data::Sentences& sources, int64_t longest) {
  for (int64_t i = 0; longest > 0 && i < sources.size(); ++i) {
    const int64_t length = sources[i].size() + 1;
    if (length <= longest) continue;
    throw DataError("source sentence " + std::to_string(i + 1) + " has " + std::to_string(length) +
                    " tokens with its end symbol, but the model takes at most " + std::to_string(longest));
  }
}

}  // namespace

std::vector<std::vector<search::Hypothesis>> decode_all(Seq2SeqModel& model, const data::Sentences& sources, const search::Search& search,
                                                        const BatchSettings& settings) {
  return decode_all(model, sources, search, settings, PackedWeights(model, search.precision()));
}

std::vector<std::vector<search::Hypothesis>> decode_all(Seq2SeqModel& model, const data::Sentences& sources, const search::Search& search,
                                                        const BatchSettings& settings, const PackedWeights& weights) {
  const int64_t longest = model.max_length();
  check_lengths(sources, longest);
  const data::Dataset dataset{sources, std::vector<Ids>(sources.size())};  // no targets yet
  std::vector<std::vector<search::Hypothesis>> found(sources.size());
  for_each_batch(dataset, settings, [&](const Ids& examples) {
    data::Sequences batch;
    std::vector<int64_t> max_lengths;
    for (const int64_t example : examples) {
      Ids source = sources[example].ids();
      source.push_back(tokenizer::end_id);
      batch.add(source);
      const int64_t max_length = search.max_length(sources[example].size());
      max_lengths.push_back(longest > 0 ? std::min(max_length, longest - 1) : max_length);  // the begin symbol takes a place
    }
    const auto device = model.device();
    auto hypotheses = search.run(model, ids_on(device, batch.ids), Layout::of_lengths(batch.lengths, device), max_lengths, nullptr,
                                 Context::evaluation(&weights));
    for (size_t i = 0; i < examples.size(); ++i) found[examples[i]] = std::move(hypotheses[i]);
  });
  return found;
}

}  // namespace sublayer::decoding
