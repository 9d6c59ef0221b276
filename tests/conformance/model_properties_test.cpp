// The properties of models can fail: each is told of a model that does not have it, and of none that does.
#include <ATen/ATen.h>

#include "src/conformance/property.h"
#include "tests/support/catch.h"
#include "tests/support/wrapped_model.h"

namespace sublayer::conformance {
namespace {

using test::Wrapped;

Subject usual() { return {Seq2SeqModel::kind, "transformer", "", yaml("{type: transformer}")}; }

ModelProperty property_of(const std::string& beginning) {
  for (const auto& list :
       {gradient_properties(), path_properties(), noise_properties(), kernel_properties(), observer_properties(), file_properties()}) {
    for (const auto& property : list) {
      if (property.name.starts_with(beginning)) return property;
    }
  }
  throw std::logic_error("no property begins with " + beginning);
}

// What is said of models of a class, after the property was found to hold for the model that they wrap.
template <class Model>
std::vector<std::string> failures_of(const std::string& property) {
  Findings sound, broken;
  const auto build = builder_of(usual());
  property_of(property).check(build, sound);
  CHECK(sound.failures() == std::vector<std::string>{});
  property_of(property).check(
      [&](const std::string& over) {
        auto model = std::make_shared<Model>(build(over));
        model->assign_paths();
        return model;
      },
      broken);
  return broken.failures();
}

struct Infinite : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context) / 0;
  }
};

// Gives something else where kernels are allowed.
struct Approximate : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return context.fused ? hidden * 1.01 : hidden;
  }
};

struct Idle : Wrapped {
  explicit Idle(std::shared_ptr<Seq2SeqModel> inner) : Wrapped(std::move(inner)) { add_parameter("idle", {3}, Role::bias, 0); }
};

// Says of a parameter that has a gradient, and of one that there is not, that no gradient reaches them.
struct Part : Module {
  Part() { weight = add_parameter("weight", {1}, Role::gain, 1); }
  at::Tensor weight;
  std::vector<UnreachableParameter> unreachable_parameters() const override { return {{"weight", "of no reason"}, {"bias", "of none"}}; }
};
struct Pretending : Wrapped {
  explicit Pretending(std::shared_ptr<Seq2SeqModel> inner)
      : Wrapped(std::move(inner)), part(register_module("part", std::make_shared<Part>())) {
    part->weight.detach().fill_(1);
  }
  std::shared_ptr<Part> part;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context) * part->weight;
  }
};

struct HalfDifferentiable : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return hidden + hidden.detach();
  }
};

struct Peeking : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return hidden + hidden.mean(0);
  }
};

struct Blind : Wrapped {
  using Wrapped::Wrapped;
  Memory encode(const at::Tensor& source, const Layout& layout, Context& context) override {
    return inner_->encode(at::where(layout.positions().eq(2), at::full_like(source, 4), source), layout, context);
  }
};

// Depends on how often it was called.
struct Restless : Wrapped {
  using Wrapped::Wrapped;
  double calls = 0;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context) + calls++;
  }
};

struct Stepping : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override {
    return inner_->step(target, state, context) + at::arange(target.size(0)).unsqueeze(1);
  }
};

struct SecretlyDropping : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return context.is_training ? hidden * 2 : hidden;
  }
};

struct Stubborn : Wrapped {
  using Wrapped::Wrapped;
  Memory encode(const at::Tensor& source, const Layout& layout, Context& context) override {
    if (context.dropout_sites) (*context.dropout_sites)["somewhere"] = 0.4;
    Context still;
    return inner_->encode(source, layout, still);
  }
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context&) override {
    Context still;
    return inner_->decode(target, layout, memory, still);
  }
};

struct Shy : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    const auto hidden = inner_->decode(target, layout, memory, context);
    return context.observer ? hidden * 2 : hidden;
  }
};

struct Hiding : Wrapped {
  using Wrapped::Wrapped;
  Memory encode(const at::Tensor& source, const Layout& layout, Context&) override {
    Context unseen;
    return inner_->encode(source, layout, unseen);
  }
};

struct Unnamed : Wrapped {
  explicit Unnamed(std::shared_ptr<Seq2SeqModel> inner) : Wrapped(std::move(inner)) { register_parameter("unnamed", at::zeros({2})); }
};

// Keeps a number that is no parameter.
struct Hoarding : Wrapped {
  explicit Hoarding(std::shared_ptr<Seq2SeqModel> inner) : Wrapped(std::move(inner)) {
    static double built = 0;
    number = built++;
  }
  double number;
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context) + number;
  }
};

// A size of the sentence at hand gets into the exported graph as a constant.
struct Baking : Wrapped {
  using Wrapped::Wrapped;
  at::Tensor step(const at::Tensor& target, DecoderState& state, Context& context) override {
    return inner_->step(target, state, context) / static_cast<double>(state.layers.front().cross.keys.size(2));
  }
  at::Tensor decode(const at::Tensor& target, const Layout& layout, const Memory& memory, Context& context) override {
    return inner_->decode(target, layout, memory, context) / static_cast<double>(memory.layout.pad(memory.states).size(1));
  }
};

}  // namespace

TEST_CASE("kernels that compute something else are found") {
  const auto failures = failures_of<Approximate>("computes with fused kernels");
  REQUIRE(!failures.empty());
  CHECK(failures.front() == "hidden states with kernels: off by more than rounding");
}

TEST_CASE("infinite hidden states and parameters without a part are reported") {
  CHECK(failures_of<Infinite>("gives each target token").front() == "a hidden state is not finite");
  CHECK(failures_of<Idle>("gives each target token") == std::vector<std::string>{"idle has no part in the result"});
  CHECK(failures_of<Idle>("lets the gradient reach") == std::vector<std::string>{"idle has no gradient"});
}

TEST_CASE("a declared exception that does not hold is reported") {
  CHECK(failures_of<Pretending>("lets the gradient reach") ==
        std::vector<std::string>{"part.weight is declared unreachable, but it has a gradient",
                                 "part.bias is declared unreachable, but there is no such parameter"});
}

TEST_CASE("a gradient that is not that of the value is reported") {
  CHECK_THAT(failures_of<HalfDifferentiable>("has the gradient of finite differences").front(),
             Catch::StartsWith("along a random direction the gradient says"));
}

TEST_CASE("a model that sees what comes later, or not the whole source, is reported") {
  CHECK(failures_of<Peeking>("is causal").front() == "another target token 0 changes hidden states of other sentences");
  CHECK(failures_of<Blind>("lets the encoder see") ==
        std::vector<std::string>{"another source token 2 does not change the first hidden state of its target"});
}

TEST_CASE("a model that computes something else on another way is reported") {
  CHECK(failures_of<Restless>("computes in a batch").size() == 1);
  CHECK(failures_of<Restless>("computes on a padding mask").size() == 1);
  CHECK(failures_of<Stepping>("computes token by token").size() == 2);
}

TEST_CASE("a model that is random where it must not, or not where it must, is reported") {
  CHECK(failures_of<Restless>("draws noise").front() == "hidden states out of training change from pass to pass");
  CHECK(failures_of<SecretlyDropping>("draws noise").front() == "training changes hidden states, but no site of dropout is named");
  CHECK(failures_of<Stubborn>("draws noise").front() == "somewhere drops nothing in training");
}

TEST_CASE("a model that an observer changes, or that hides its layers from it, is reported") {
  CHECK(failures_of<Shy>("computes under an observer").size() == 1);
  CHECK(failures_of<Hiding>("shows the outputs").front() == "inner.encoder.layers.0 shows no output");
  CHECK(failures_of<Unnamed>("has parameters whose names").front() == "unnamed was registered, but not with add_parameter");
}

TEST_CASE("a model that its file does not hold is reported") {
  CHECK(failures_of<Hoarding>("is the same after saving").size() == 1);
  Findings findings;
  CHECK_THROWS_WITH(property_of("does in an exported file")
                        .check([](const std::string& over) { return std::make_shared<Baking>(builder_of(usual())(over)); }, findings),
                    Catch::Contains("log-probabilities differ, by"));
}

}  // namespace sublayer::conformance
