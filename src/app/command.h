#pragma once

#include <CLI/CLI.hpp>

namespace sublayer::app {

// Each command adds itself to the program; its callback does the work and throws what goes wrong.
void add_prepare(CLI::App& program);
void add_train(CLI::App& program);
void add_evaluate(CLI::App& program);
void add_translate(CLI::App& program);
void add_score(CLI::App& program);
void add_inspect(CLI::App& program);
void add_average(CLI::App& program);
void add_export(CLI::App& program);
void add_explain(CLI::App& program);
void add_list(CLI::App& program);
void add_schema(CLI::App& program);
void add_conformance(CLI::App& program);
void add_bleu(CLI::App& program);
void add_metric(CLI::App& program);
void add_sweep(CLI::App& program);
void add_report(CLI::App& program);
void add_compare(CLI::App& program);
void add_diff(CLI::App& program);
void add_statistics(CLI::App& program);
void add_new(CLI::App& program);
void add_bench(CLI::App& program);

// What the program returns when a command did its work without an error: 0, or 128 + the signal that interrupted it.
extern int exit_status;

}  // namespace sublayer::app
