#include "tests/core/config/soup.h"

namespace sublayer::test {
namespace {

class Pepper final : public Spice {
 public:
  struct Options : config::Options {
    int64_t grains = 10;
    double heat = 1.5;
    void fields(config::Fields& v) override {
      v("grains", grains, "how many");
      v("heat", heat, "of a grain");
    }
    void check(config::Checker& c) const override { c.require(grains >= 0, "grains", "must not be negative"); }
  };
  Pepper(const Options& options, double guests) : heat_(options.heat * static_cast<double>(options.grains) * guests) {}
  double heat() const override { return heat_; }

 private:
  double heat_;
};

class Salt final : public Spice {
 public:
  struct Options : config::Options {
    int64_t grains = 5;
    bool is_coarse = false;
    void fields(config::Fields& v) override {
      v("grains", grains, "how many");
      v("is_coarse", is_coarse, "whether it crunches");
    }
  };
  Salt(const Options&, double) {}
  double heat() const override { return 0; }
};

class Nothing final : public Spice {
 public:
  struct Options : config::Options {};
  Nothing(const Options&, double) {}
  double heat() const override { return 0; }
};

// What holds another choice.
class Mixture final : public Spice {
 public:
  struct Options : config::Options {
    int64_t grains = 20;
    Choice<Spice> first = "pepper";
    void fields(config::Fields& v) override {
      v("grains", grains, "how many");
      v("first", first, "what is most of it");
    }
  };
  Mixture(const Options& options, double guests) : first_(options.first.build(guests)) {}
  double heat() const override { return first_->heat() / 2; }

 private:
  std::shared_ptr<Spice> first_;
};

SUBLAYER_REGISTER(Spice, Salt, "salt", "not hot");
SUBLAYER_REGISTER(Spice, Pepper, "pepper", "hot");
SUBLAYER_REGISTER(Spice, Nothing, "nothing", "no spice");
SUBLAYER_REGISTER(Spice, Mixture, "mixture", "two of them");

}  // namespace
}  // namespace sublayer::test
