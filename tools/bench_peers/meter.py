"""Counts the tokens of a training from the outside: a system calls `update` as each of its updates begins."""

import json
import resource
import time


class Done(Exception):
    """Enough was measured."""


class Meter:
    """Times `updates` updates after `warm_up` others, from the beginning of the first to the beginning of the one after the last."""

    def __init__(self, warm_up, updates):
        self.warm_up, self.updates = warm_up, updates
        self.begun, self.tokens, self.start = 0, 0, 0.0

    def update(self, tokens):
        """`tokens`: real source and target tokens of the update that begins, end symbols included."""
        now = time.perf_counter()
        if self.begun == self.warm_up:
            self.start = now
        if self.begun == self.warm_up + self.updates:
            self.report(now - self.start)
            raise Done
        if self.begun >= self.warm_up:
            self.tokens += int(tokens)
        self.begun += 1

    def report(self, seconds):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"tokens_per_second": self.tokens / seconds, "tokens_per_update": self.tokens / self.updates,
                          "updates": self.updates, "peak_bytes": peak}), flush=True)
