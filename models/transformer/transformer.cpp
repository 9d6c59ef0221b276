#include <array>
#include <cmath>

#include "models/dropout.h"
#include "models/initializer/initializer.h"
#include "models/linear.h"
#include "models/model.h"
#include "models/position/position.h"
#include "models/precision.h"
#include "models/transformer/embedding.h"
#include "models/transformer/stack.h"

namespace sublayer::transformer {
namespace {

// The encoder-decoder Transformer of Vaswani et al. 2017, every part of it a choice.
class Transformer final : public Seq2SeqModel {
 public:
  struct Options : ModelOptions {
    int64_t d_model = 512;
    EmbeddingOptions embedding;
    Choice<position::Position> position = "sinusoidal";
    StackOptions<block::EncoderLayerOptions> encoder;
    StackOptions<block::DecoderLayerOptions> decoder;
    Choice<initializer::Initializer> initializer = "xavier_uniform";
    void fields(config::Fields& v) override {
      v("d_model", d_model, "width of the activations between sublayers").otherwise("32");
      v("embedding", embedding, "token embeddings and the output projection");
      v("position", position, "how order enters the model").otherwise("rotary");
      v.starts("layer", {"encoder.layer", "decoder.layer"}, "what the layers of both stacks start from");
      v("encoder", encoder, "layers of the encoder");
      v("decoder", decoder, "layers of the decoder");
      v("initializer", initializer, "first values of the weight matrices").otherwise("normal");
    }
    void check(config::Checker& c) const override {
      c.require(d_model > 0, "d_model", "must be positive");
      check_attentions(c, encoder.list(), "encoder", false);
      check_attentions(c, decoder.list(), "decoder", true);
    }
    std::string key_needing_joint_vocabulary() const override { return embedding.shares_inputs() ? "embedding.tie" : ""; }

   private:
    void check_attentions(config::Checker& c, const std::vector<const block::LayerOptions*>& layers, const std::string& stack,
                          bool is_decoder) const {
      const auto& place = dynamic_cast<const position::PositionOptions&>(position.options());
      for (size_t i = 0; i < layers.size(); ++i) {
        const std::string layer = stack + ".layers." + std::to_string(i);
        const auto check_one = [&](const Choice<attention::Attention>& choice, const std::string& field, bool is_cross) {
          const int64_t heads = dynamic_cast<const attention::AttentionOptions&>(choice.options()).num_heads;
          c.require(d_model % heads == 0, layer + "." + field + ".num_heads",
                    std::to_string(heads) + " heads do not divide d_model " + std::to_string(d_model));
          const auto objection = place.objection({heads, d_model / heads, is_cross, is_decoder});
          c.require(objection.empty(), layer + "." + field, objection);
        };
        check_one(layers[i]->self_attention, "self_attention", false);
        if (is_decoder) check_one(layers[i]->cross_attention, "cross_attention", true);
        const auto& branch = layers[i]->branch;
        c.require(branch.gain == "none" || branch.initial_gain != 0 || initializer.name() != "zero_output", layer + ".branch.initial_gain",
                  "must not be 0 with initializer zero_output: a gain and a matrix that both begin at 0 keep each other there");
      }
    }
  };

  Transformer(const Options& options, const VocabularySizes& sizes)
      : dropout_(options.embedding.dropout),
        word_dropout_{options.embedding.source_word_dropout, options.embedding.target_word_dropout},
        output_soft_cap_(options.embedding.output_soft_cap),
        initializer_(options.initializer.build()) {
    const int64_t width = options.d_model;
    const double scale = options.embedding.scale == "none" ? 1 : std::sqrt(static_cast<double>(width));
    if (options.embedding.output_scale != "none") output_scale_ = 1 / std::sqrt(static_cast<double>(width));
    const auto embed = [&](const char* name, int64_t size) {
      return register_module(name, std::make_shared<Embedding>(size, width, scale));
    };
    if (options.embedding.shares_inputs()) {
      TORCH_CHECK(sizes.is_joint, "embedding.tie '", options.embedding.tie, "' with separate vocabularies");
      source_embedding_ = target_embedding_ = embed("embedding", sizes.target);
    } else {
      source_embedding_ = embed("source_embedding", sizes.source);
      target_embedding_ = embed("target_embedding", sizes.target);
    }
    position_ = register_module("position", options.position.build(width));
    embedding_norm_ = register_module("embedding_norm", options.embedding.norm.build(width));
    const auto stack = [&](const auto& own, bool is_decoder) {
      return std::make_shared<Stack>(
          own.list(), StackPlan{width, is_decoder, own.share_layers, options.encoder.num_layers, options.decoder.num_layers, *position_});
    };
    encoder_ = register_module("encoder", stack(options.encoder, false));
    decoder_ = register_module("decoder", stack(options.decoder, true));
    if (!options.embedding.shares_output()) {
      output_ = register_module("output", std::make_shared<Linear>(width, sizes.target, Role::output_projection, false));
    }
    if (options.embedding.output_bias) output_bias_ = add_parameter("output_bias", {sizes.target}, Role::bias, 0);
    assign_paths();
  }

  Memory encode(const at::Tensor& source, const Layout& layout, Context& context) override {
    const auto x = embed(source, layout, /*is_target=*/false, context);
    return {encoder_->forward(x, layout, nullptr, context), layout};
  }

  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return for_projection(decoder_->forward(embed(target, layout, /*is_target=*/true, context), layout, &memory, context));
  }

  DecoderState start(const Memory& memory, const Context& context) override {
    DecoderState state;
    state.layers = decoder_->start(memory, context);
    state.positions = memory.layout.starts();
    if (const auto& lengths = memory.layout.lengths(); !lengths.empty() && context.fuses(memory.states)) state.lineage.emplace(lengths);
    return state;
  }

  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override {
    if (state.lineage) state.lineage->grow();
    const auto layout = Layout::of_step(state.positions, state.lineage ? &*state.lineage : nullptr);
    const auto hidden = decoder_->step(embed(target, layout, /*is_target=*/true, context), layout, state.layers, context);
    state.positions = state.positions + 1;
    return for_projection(hidden);
  }

  OutputProjection output_projection() const override {
    return {output_ ? output_->weight() : target_embedding_->weight(), output_bias_, output_soft_cap_};
  }
  int64_t max_length() const override { return position_->max_length(); }
  void initialize(const Noise& noise) override { initializer::initialize(*this, *initializer_, noise); }

 private:
  // What enters a stack; an observer sees it by the names of the sides, as embedding and position may serve both.
  at::Tensor embed(const at::Tensor& ids, const Layout& layout, bool is_target, Context& context) {
    const std::string side = is_target ? "target" : "source";
    auto& embedding = is_target ? *target_embedding_ : *source_embedding_;
    auto x = context.observed(side + "_embedding", "output", embedding.forward(ids, context));
    if (const double rate = word_dropout_[is_target]; context.is_training && rate > 0) {
      const auto words = at::ones({x.size(0), 1}, x.options().dtype(wide_type(x)));
      x = (x * dropout(words, rate, *this, is_target ? "target_words" : "source_words", context)).to(x.scalar_type());
    }
    x = embedding_norm_->forward(position_->embed(x, layout.positions()));
    return dropout(context.observed(side + "_input", "output", x), dropout_, *this, side.c_str(), context);
  }

  at::Tensor for_projection(const at::Tensor& hidden) const { return output_scale_ == 1 ? hidden : hidden * output_scale_; }

  double dropout_;
  std::array<double, 2> word_dropout_;  // of source and target
  double output_scale_ = 1, output_soft_cap_;
  std::shared_ptr<initializer::Initializer> initializer_;
  std::shared_ptr<Embedding> source_embedding_, target_embedding_;
  std::shared_ptr<position::Position> position_;
  std::shared_ptr<Stack> encoder_, decoder_;
  std::shared_ptr<norm::Norm> embedding_norm_;
  std::shared_ptr<Linear> output_;
  std::optional<at::Tensor> output_bias_;
};

SUBLAYER_REGISTER(Seq2SeqModel, Transformer, "transformer", "encoder-decoder Transformer");

}  // namespace
}  // namespace sublayer::transformer
