#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "src/app/command.h"
#include "src/app/load_option.h"
#include "src/app/usage.h"
#include "src/core/errors.h"
#include "src/core/version.h"
#include "src/experiment/provenance.h"

namespace {

std::string version_text() {
  const auto build = sublayer::experiment::cpu_name();
  return std::string("sublayer ") + sublayer::version() + " (" + sublayer::commit() + "), LibTorch " +
         sublayer::experiment::libtorch_version() + ", " + build;
}

// What LibTorch adds about its own call stack helps nobody here. Its TorchScript errors begin with empty lines.
std::string first_line(const std::string& text) {
  const auto start = std::min(text.find_first_not_of('\n'), text.size());
  return text.substr(start, text.find('\n', start) - start);
}

// oneDNN keeps the code of 1,024 products. A micro-batch has its own number of rows, so its products, some 25, come back in the next layer,
// but hardly ever in another micro-batch: most of that memory is for nothing.
void bound_product_cache() {
  constexpr unsigned of_a_worker = 64;
  const std::string products = std::to_string(std::min(1024u, of_a_worker * std::max(1u, std::thread::hardware_concurrency())));
  setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", products.c_str(), /*overwrite=*/0);
}

}  // namespace

int main(int argc, char** argv) {
  bound_product_cache();
  at::set_num_threads(1);  // a micro-batch or a batch to decode runs on one thread, several of them side by side

  using namespace sublayer;
  CLI::App program(
      "Sublayer: a laboratory for sequence-to-sequence Transformers.\nA YAML config is trained, tested, compared and exported.");
  program.require_subcommand(1);
  program.set_version_flag("--version", version_text);
  app::add_train(program);
  app::add_prepare(program);
  app::add_sweep(program);
  app::add_report(program);
  app::add_compare(program);
  app::add_diff(program);
  app::add_statistics(program);
  app::add_new(program);
  app::add_evaluate(program);
  app::add_translate(program);
  app::add_score(program);
  app::add_inspect(program);
  app::add_average(program);
  app::add_export(program);
  app::add_explain(program);
  app::add_list(program);
  app::add_schema(program);
  app::add_conformance(program);
  app::add_bleu(program);
  app::add_metric(program);
  app::add_bench(program);
  app::add_load_option(program);
  program.footer(
      "`sublayer COMMAND --help` explains a command with an example.\n"
      "Exit status: 0 done, 1 failure, 2 wrong use, config or data, 3 training diverged, 130 or 143 interrupted.");
  try {
    program.parse(argc, argv);
    return app::exit_status;
  } catch (const CLI::Success& request) {
    return program.exit(request);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "sublayer: %s\n", app::wrong_use(program, error).c_str());
    return 2;
  } catch (const UserError& error) {
    std::fprintf(stderr, "sublayer: %s\n", error.what());
    return 2;
  } catch (const Diverged& error) {
    std::fprintf(stderr, "sublayer: training diverged: %s\n", error.what());
    return 3;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "sublayer: out of memory; a smaller training.max_tokens_per_micro_batch or fewer workers need less\n");
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sublayer: failed: %s\n", first_line(error.what()).c_str());
    return 1;
  }
}
