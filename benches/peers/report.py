"""Figures as Markdown tables."""

from measure import Summary


def table(summaries: dict[str, Summary]) -> str:
    """One line a contestant. Both ratios are to the whole process of dwh, which is the first: the second is
    the stricter, as a peer's start (a Python and its imports) is left out of it, and dwh's is not."""
    lines = [
        "| | process, median s | fastest to slowest s | load itself s | peak MiB | process ÷ dwh | load itself ÷ dwh |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    dwh = next(iter(summaries.values())).wall_seconds
    for name, summary in summaries.items():
        fastest, slowest = summary.spread
        seconds = summary.load_seconds
        load, load_ratio = ("", "") if seconds is None else (f"{seconds:.3f}", f"{seconds / dwh:.2f}")
        lines.append(
            f"| {name} | {summary.wall_seconds:.3f} | {fastest:.3f} to {slowest:.3f} | {load} "
            f"| {summary.peak_bytes / 2**20:.0f} | {summary.wall_seconds / dwh:.2f} | {load_ratio} |"
        )
    return "\n".join(lines)


def store_use(summaries: dict[str, Summary], objects: int, latency_ms: int) -> str:
    """What each asked of the store, and the time that its waiting alone would take if it never paused."""
    lines = [
        f"| {objects:,} objects, {latency_ms} ms a request | requests | most in flight | objects × latency ÷ in flight, s "
        "| load itself ÷ that |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, summary in summaries.items():
        in_flight = summary.store["most_in_flight"]
        ideal = objects * latency_ms / 1000 / in_flight
        load = summary.load_seconds or summary.wall_seconds
        requests = summary.store["requests"]
        lines.append(f"| {name} | {requests:,} | {in_flight} | {ideal:.3f} | {load / ideal:.2f} |")
    return "\n".join(lines)


def growth(base: dict[str, Summary], ten: dict[str, Summary]) -> str:
    """How time and memory grow with ten times the input."""
    lines = ["| ten times the events | times the time | times the peak memory |", "|---|--:|--:|"]
    for name, large in ten.items():
        if small := base.get(name):
            time, memory = large.wall_seconds / small.wall_seconds, large.peak_bytes / small.peak_bytes
            lines.append(f"| {name} | {time:.2f} | {memory:.2f} |")
    return "\n".join(lines)
