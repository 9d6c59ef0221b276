#include "src/export/torchscript/facts.h"

#include <nlohmann/json.hpp>

#include "data/tokenizer/tokenizer.h"
#include "src/core/version.h"
#include "src/export/torchscript/traced_functions.h"

namespace sublayer::format::torchscript {
namespace {

using Json = nlohmann::ordered_json;

Json methods() {
  return {{"translate",
           {{"signature", "translate(source_ids, max_length, beam_size=5, alpha=1.0) -> (ids, scores)"},
            {"source_ids", "int64 [B, S]; each row ends with the end id and is filled up with the pad id"},
            {"max_length", "the longest target, its end symbol counted; there the end symbol is all that may follow"},
            {"beam_size", "hypotheses that are followed at a time; 1 is greedy search"},
            {"alpha", "hypotheses are ranked by log-probability / length^alpha, the end symbol counted"},
            {"ids", "int64 [B, T], the best hypothesis of each source: no begin id, the end id at its end, then the pad id"},
            {"scores", "float32 [B], what the hypotheses were ranked by"}}},
          {"encode",
           {{"signature", "encode(source_ids, padding_mask) -> state"},
            {"source_ids", "int64 [B, S], as for translate"},
            {"padding_mask", "bool [B, S], true = padding; padding stands behind the tokens of a row"},
            {"state", "list of tensors, see \"state\", with R = B and t = 0"}}},
          {"step",
           {{"signature", "step(ids, state) -> (log_probs, state)"},
            {"ids", "int64 [R], the token that each row goes on with; the begin id in the first step"},
            {"log_probs", "float32 [R, target vocabulary], natural logarithms for the token that comes next; pad and begin are no targets"},
            {"state",
             "the next state, with t greater by 1; its rows may be chosen, copied and dropped, all tensors alike, along dimension 0"}}}};
}

Json state(Seq2SeqModel& model) {
  Json list = Json::array();
  for (const auto& tensor : state_layout(model)) list.push_back({{"name", tensor.name}, {"type", tensor.type}, {"shape", tensor.shape}});
  return list;
}

}  // namespace

std::string facts(const ExportInput& input) {
  Json extra_files = Json::array();
  for (const auto& [name, bytes] : input.extra_files) extra_files.push_back(name);
  const Json json = {
      {"format", "sublayer torchscript"},
      {"format_version", 1},
      {"written_by", std::string("sublayer ") + version() + " (" + commit() + ")"},
      {"special_ids",
       {{"pad", tokenizer::pad_id}, {"unknown", tokenizer::unknown_id}, {"begin", tokenizer::begin_id}, {"end", tokenizer::end_id}}},
      {"vocabulary_sizes", {{"source", input.sizes.source}, {"target", input.sizes.target}, {"is_joint", input.sizes.is_joint}}},
      {"max_length", input.model.max_length()},
      {"max_length_means", "the longest source or target that the model takes, end symbol counted; 0: any"},
      {"methods", methods()},
      {"state_means", "sizes in a shape: R rows, S tokens of the source, t tokens of the target so far"},
      {"state", state(input.model)},
      {"extra_files", extra_files},
  };
  return json.dump(2) + "\n";
}

}  // namespace sublayer::format::torchscript
