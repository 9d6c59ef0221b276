#include "src/export/torchscript/translate_source.h"

namespace sublayer::format::torchscript {

// Without Python, TorchScript has no names for types of elements: 4 is int64, 6 float32, 7 float64.
const char* const translate_source = R"TORCHSCRIPT(
def translate(self, source_ids: Tensor, max_length: int, beam_size: int = 5, alpha: float = 1.0) -> Tuple[Tensor, Tensor]:
    limit = self.length_limit(source_ids, max_length)
    assert beam_size > 0, "beam_size must be positive"
    assert alpha >= 0, "alpha must not be negative"
    batch = source_ids.size(0)
    # Of each source the best finished hypothesis, without end symbol, and how many are finished.
    best = self.empty_lists(batch)
    best_scores = [float("-inf") for i in range(batch)]
    finished = [0 for i in range(batch)]
    # One row per hypothesis that still grows: its source, its tokens, their log-probability. Rows of a source stand together, best first.
    sources = [i for i in range(batch)]
    rows = self.empty_lists(batch)
    row_scores = [0.0 for i in range(batch)]
    latest = [self.begin_id for i in range(batch)]
    state = self.encode(source_ids, source_ids == self.pad_id)
    for length in range(1, limit + 1):  # of the rows after this step
        log_probs, state = self.step(torch.tensor(latest, device=source_ids.device), state)  # [R, V]
        tokens, totals, parents = self.ways_to_go_on(log_probs, sources, row_scores, beam_size, length == limit)

        # Of each source, an end symbol among the best beam_size ways finishes a hypothesis, and beam_size others grow.
        grown_parents: List[int] = []
        grown_tokens: List[int] = []
        grown_scores: List[float] = []
        source = -1
        rank = 0
        grown = 0
        for i in range(len(tokens)):
            if sources[parents[i]] != source:
                source = sources[parents[i]]
                rank = 0
                grown = 0
            if grown < beam_size and totals[i] > float("-inf"):
                if tokens[i] != self.end_id:
                    grown += 1
                    grown_parents.append(parents[i])
                    grown_tokens.append(tokens[i])
                    grown_scores.append(totals[i])
                elif rank < beam_size:
                    ids = rows[parents[i]]
                    score = totals[i] / float(length) ** alpha
                    finished[source] += 1
                    if score > best_scores[source] or (score == best_scores[source] and self.precedes(ids, best[source])):
                        best[source] = ids
                        best_scores[source] = score
            rank += 1

        # A source is done when beam_size hypotheses are finished, or when none that grows can become better than the best.
        kept: List[int] = []
        source = -1
        goes_on = False
        for i in range(len(grown_parents)):
            if sources[grown_parents[i]] != source:
                source = sources[grown_parents[i]]
                goes_on = finished[source] < beam_size and grown_scores[i] / float(limit) ** alpha > best_scores[source]
            if goes_on:
                kept.append(i)
        if len(kept) == 0:
            break
        chosen = [grown_parents[i] for i in kept]
        if chosen != [i for i in range(len(rows))]:
            indices = torch.tensor(chosen, device=source_ids.device)
            state = [tensor.index_select(0, indices) for tensor in state]
        rows = [rows[grown_parents[i]] + [grown_tokens[i]] for i in kept]
        sources = [sources[i] for i in chosen]
        row_scores = [grown_scores[i] for i in kept]
        latest = [grown_tokens[i] for i in kept]
    longest = max([len(ids) for ids in best])
    padded = torch.tensor([ids + [self.end_id] + [self.pad_id for i in range(longest - len(ids))] for ids in best])
    return padded.to(source_ids.device), torch.tensor(best_scores, dtype=6, device=source_ids.device)

def empty_lists(self, count: int) -> List[List[int]]:
    lists: List[List[int]] = []
    for i in range(count):
        empty: List[int] = []
        lists.append(empty)
    return lists

def length_limit(self, source_ids: Tensor, max_length: int) -> int:
    assert source_ids.dim() == 2 and source_ids.size(0) > 0, "source_ids must be [B, S] with B > 0"
    assert max_length > 0, "max_length must be positive: it counts the end symbol"
    if self.max_length == 0:
        return max_length
    longest = int((source_ids != self.pad_id).sum(1).max())
    assert longest <= self.max_length, "a source has {} tokens, the model takes at most {}".format(longest, self.max_length)
    return min(max_length, self.max_length)

# The ways to go on: tokens, log-probabilities with the token, and rows; by source, then the more probable, the lower token, the better row.
def ways_to_go_on(self, log_probs: Tensor, sources: List[int], row_scores: List[float], beam_size: int,
                  must_end: bool) -> Tuple[List[int], List[float], List[int]]:
    if must_end:
        tokens = torch.full([log_probs.size(0), 1], self.end_id, dtype=4, device=log_probs.device)
    else:
        tokens = self.most_probable(log_probs, beam_size + 1)  # [R, C]
    totals = log_probs.gather(1, tokens).to(7).cpu() + torch.tensor(row_scores, dtype=7).unsqueeze(1)
    parents = torch.arange(totals.size(0)).unsqueeze(1).expand_as(totals).flatten()
    tokens = tokens.cpu().flatten()
    totals = totals.flatten()
    order = torch.argsort(tokens, stable=True)
    order = order.index_select(0, torch.argsort(totals.index_select(0, order), stable=True, descending=True))
    owners = torch.tensor(sources).index_select(0, parents.index_select(0, order))
    order = order.index_select(0, torch.argsort(owners, stable=True))
    ranked_tokens: List[int] = tokens.index_select(0, order).tolist()
    ranked_totals: List[float] = totals.index_select(0, order).tolist()
    ranked_parents: List[int] = parents.index_select(0, order).tolist()
    return ranked_tokens, ranked_totals, ranked_parents

# The `count` most probable tokens of each row, without pad and begin; of equals the lower ids, which topk does not promise.
def most_probable(self, log_probs: Tensor, count: int) -> Tensor:
    log_probs[:, self.pad_id] = float("-inf")
    log_probs[:, self.begin_id] = float("-inf")
    count = min(count, log_probs.size(1))
    values, tokens = log_probs.topk(count)
    assert bool((values[:, 0] > float("-inf")).all()), "the model gives no token a probability"
    if int((log_probs >= values[:, -1:]).sum()) > values.numel():
        return torch.argsort(log_probs, stable=True, dim=1, descending=True)[:, :count]
    return tokens

# Whether ids come before others in the order of words in a lexicon.
def precedes(self, ids: List[int], others: List[int]) -> bool:
    for i in range(min(len(ids), len(others))):
        if ids[i] != others[i]:
            return ids[i] < others[i]
    return len(ids) < len(others)
)TORCHSCRIPT";

}  // namespace sublayer::format::torchscript
