// Translates standard input, a sentence a line, with a model that `sublayer export --format torchscript` wrote and whose tokenizer is
// SentencePiece. Needs LibTorch and SentencePiece; nothing of Sublayer. The tokenizer comes out of the model's file.
//
//   echo "A man is sleeping." | translate model.pt [BEAM_SIZE]
#include <sentencepiece_processor.h>
#include <torch/script.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

constexpr int64_t pad_id = 0, end_id = 3;  // of every exported model, see sublayer.json in it
constexpr int64_t max_length = 200;        // of a target, in tokens with the end symbol
constexpr double alpha = 1.0;              // hypotheses are ranked by log-probability / length^alpha

using Tokenizer = sentencepiece::SentencePieceProcessor;

// One tokenizer for both sides, or one for each.
void load_tokenizer(Tokenizer& tokenizer, const torch::jit::ExtraFilesMap& files, const std::string& side) {
  const std::string& joint = files.at("tokenizer.model");
  const auto status = tokenizer.LoadFromSerializedProto(joint.empty() ? files.at(side + "_tokenizer.model") : joint);
  if (!status.ok()) throw std::runtime_error("the model's tokenizer is none of SentencePiece: " + status.ToString());
}

// [B, S], each row with the end id behind its tokens and then the pad id.
at::Tensor encode(const Tokenizer& tokenizer, const std::vector<std::string>& lines) {
  std::vector<at::Tensor> rows;
  for (const std::string& line : lines) {
    auto ids = tokenizer.EncodeAsIds(line);
    ids.push_back(end_id);
    rows.push_back(torch::tensor(std::vector<int64_t>(ids.begin(), ids.end())));
  }
  return at::pad_sequence(rows, /*batch_first=*/true, pad_id);
}

std::string decode(const Tokenizer& tokenizer, const at::Tensor& row) {
  std::vector<int> ids;
  for (int64_t i = 0; i < row.size(0) && row[i].item<int64_t>() != end_id; ++i) ids.push_back(row[i].item<int>());
  return tokenizer.DecodeIds(ids);
}

void translate(const std::string& file, int64_t beam_size) {
  torch::jit::ExtraFilesMap files{{"tokenizer.model", ""}, {"source_tokenizer.model", ""}, {"target_tokenizer.model", ""}};
  auto model = torch::jit::load(file, at::kCPU, files);
  Tokenizer source_tokenizer, target_tokenizer;
  load_tokenizer(source_tokenizer, files, "source");
  load_tokenizer(target_tokenizer, files, "target");

  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) lines.push_back(line);
  constexpr size_t batch_lines = 32;
  for (size_t start = 0; start < lines.size(); start += batch_lines) {
    const std::vector<std::string> batch(lines.begin() + start, lines.begin() + std::min(start + batch_lines, lines.size()));
    const auto result = model.get_method("translate")({encode(source_tokenizer, batch), max_length, beam_size, alpha}).toTuple();
    const auto ids = result->elements()[0].toTensor();  // [B, T]; the scores [B] are the second element
    for (int64_t row = 0; row < ids.size(0); ++row) std::cout << decode(target_tokenizer, ids[row]) << "\n";
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: translate MODEL [BEAM_SIZE]\n";
    return 2;
  }
  try {
    translate(argv[1], argc > 2 ? std::stoll(argv[2]) : 5);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
