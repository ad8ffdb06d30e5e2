"""`make prove`: the full campaign against what the database and the operations promise, in parts that can be resumed.

Each part is a set of tests run at full length (200 rounds a race, many examples a property). Its result is kept in
`.data/prove/` under the commit it was made from; a part that is done is not run again. The table goes to docs/prove.md.

    python -m bench.prove            all parts that are not done yet
    python -m bench.prove guards     only this part
    python -m bench.prove --again    from the start
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".data" / "prove"
REPORT = ROOT / "docs" / "prove.md"
ROUNDS, EXAMPLES, CAMPAIGN, QUEUE, SEEDS, SEED = 200, 500, 500, 300, 5, 20261122
AUTOMATED, RENEWALS = 1000, 20
STORMS, ATTACKS, KILLS = 20, 5000, 10  # parts of the storm, and of each: forms sent, processes killed
CHANCES = 50  # sequences in which chance has to find a rule that is missing
CORES = os.cpu_count() or 2
EINVOICES, SHORT = "campaign and einvoice", "campaign and short_payments"
WRITE_OFFS = "campaign and write_off"


@dataclass(frozen=True)
class Part:
    """A part of the campaign: what it shows, and the tests that show it."""

    name: str
    shows: str
    arguments: tuple[str, ...]


PARTS = [
    Part("guards", "every guard withstands direct SQL as the application's login", ("tests", "-k", "guards")),
    Part("dropped-guards", "every guard is missed when it is dropped", ("tests/dropped",)),
    *(
        Part(
            f"races-{name}",
            f"two connections at once, {ROUNDS} rounds each, with positive controls: {where.replace('_', ' ')}",
            (*(f"tests/{folder}" for folder in where.split(", ")), "-k", "race"),
        )
        for name, where in (
            ("ledger", "ledger, approvals, core, delivery"),
            ("billing", "billing, integrations"),
            ("collections", "collections"),
            ("write-offs", "writeoffs, credit_control"),
        )
    ),
    Part("properties", f"random sequences, {EXAMPLES} examples each", ("tests", "-k", "properties or property")),
    Part(
        "machine",
        f"{EXAMPLES} random sequences over HTTP beside a plain model",
        ("tests/machine", "-k", "plain_model"),
    ),
    Part("machine-missing", "rules that are switched off are found by chance", ("tests/machine", "-k", "missing")),
    Part("access", "every URL as every role and as another organization", ("tests/accounts",)),
    Part("einvoices", f"{ROUNDS} e-invoices through the operations keep schema and rules", ("tests", "-k", EINVOICES)),
    Part("campaign", f"{CAMPAIGN} short payments at once: killed, resumed, undone", ("tests", "-k", SHORT)),
    Part("exports", "the whole demo in beancount and hledger, to the cent", ("tests/demo", "-k", "export_ledger")),
    Part(
        "write-offs",
        f"{CAMPAIGN} accounts written off at once: killed at random, resumed, taken back",
        ("tests", "-k", WRITE_OFFS),
    ),
    Part("automated", f"the automated write-off of {AUTOMATED:,} accounts, day by day", ("tests", "-k", "life_of")),
    *(
        Part(
            f"deliveries-{system}",
            f"workers killed {CAMPAIGN} times and connections cut over queues of {QUEUE} documents, {name}",
            ("tests/integrations", "-k", f"killed_deliveries and ({system}- or {system}])"),
        )
        for system, name in (
            ("quickbooks_online", "QuickBooks Online"),
            ("quickbooks_desktop", "QuickBooks Desktop"),
            ("business_central", "Business Central"),
            ("sage_intacct", "Sage Intacct by XML"),
            ("sage_intacct_rest", "Sage Intacct by REST"),
            ("netsuite", "NetSuite"),
        )
    ),
    *(
        Part(
            f"storm-{number}",
            f"{ATTACKS:,} forms sent without courtesy while web, workers and PostgreSQL are killed {KILLS} times",
            ("tests/storm", "-k", "with_kills"),
        )
        for number in range(1, STORMS + 1)
    ),
    Part("faults", "what hangs: locks, statements, clients; full disks", ("tests", "-k", "stuck_and_full or full_log")),
    Part("injection", "sqlmap finds what was planted, and nothing else", ("tests/accounts/test_sqlmap.py",)),
    Part("pages", "every page of every story whole, on a desk and on a phone, in both directions", ("tests/browser",)),
    Part("restarts", f"{RENEWALS} renewals and restarts under load lose no request", ("tests/core/test_serve.py",)),
    Part("stories", "the figures of the requirements, to the cent", ("tests/stories",)),
]
# Parts that leave a table of their own, and what stands above it.
TABLES = {
    "automated": f"The automated write-off of {AUTOMATED:,} accounts, after 76 days",
    "dropped-guards": "Attacks repeated without each guard in turn",
}


@dataclass(frozen=True)
class Outcome:
    """What a part came to, as its line in the table says."""

    part: str
    commit: str
    passed: int
    failed: int
    seconds: int

    @property
    def good(self) -> bool:
        return self.failed == 0 and self.passed > 0


def commit() -> str:
    """The commit that is proved; a changed work tree says so."""
    report = str(REPORT.relative_to(ROOT))
    head, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "--", ".", f":!{report}")
    return f"{head}+changes" if changed else head


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def run(part: Part, at: str) -> Outcome:
    """Run a part at full length and keep its outcome."""
    sizes = {
        "RACE_ROUNDS": ROUNDS,
        "HYPOTHESIS_EXAMPLES": EXAMPLES,
        "CAMPAIGN_SIZE": CAMPAIGN,
        "AUTOMATED_ACCOUNTS": AUTOMATED if part.name == "automated" else 0,
        **storm_sizes(part, at),
        "SMALL_DISK": "1" if part.name == "faults" else "",
        "DROPPED_GUARDS": "1" if part.name == "dropped-guards" else "",
        "LOOK_EVERYWHERE": "1" if part.name == "pages" else "",
        "SCANNED": KEPT / f"sqlmap-{at}" if part.name == "injection" else "",
        "RENEWALS": RENEWALS if part.name == "restarts" else 0,
        **machine_sizes(part, at),
        "DELIVERY_KILLS": CAMPAIGN // SEEDS,
        "DELIVERY_SEEDS": SEEDS,
        "DELIVERY_QUEUE": QUEUE,
    }
    environment = {**os.environ, **{name: str(size) for name, size in sizes.items()}}
    KEPT.mkdir(parents=True, exist_ok=True)
    if part.name in TABLES:
        kept_table = KEPT / f"{part.name}.md"
        kept_table.unlink(missing_ok=True)
        environment[f"{part.name.upper().replace('-', '_')}_TABLE"] = str(kept_table)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(CORES), f"--hypothesis-seed={SEED}", *part.arguments]
    started = time.monotonic()
    if part.name == "exports":
        environment["DEMO_SCALE"] = "1"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    (KEPT / f"{part.name}.txt").write_text(done.stdout + done.stderr)
    sys.stdout.write(done.stdout[-3000:])
    outcome = Outcome(part.name, at, _count(done.stdout, "passed"), _failures(done), round(time.monotonic() - started))
    (KEPT / f"{part.name}.json").write_text(json.dumps(asdict(outcome)))
    return outcome


def machine_sizes(part: Part, at: str) -> dict[str, object]:
    """What a part of the state machine is told; what is done at this commit is not done again."""
    if not part.name.startswith("machine"):
        return {}
    examples = CHANCES if part.name == "machine-missing" else EXAMPLES
    return {"HYPOTHESIS_EXAMPLES": examples, "MACHINE_SEED": SEED, "MACHINE_FIGURES": KEPT / f"machine-{at}"}


def machine_tables(at: str) -> list[str]:
    """What all sequences of the state machine came to together, and how soon chance found each missing rule."""
    told = [json.loads(file.read_text()) for file in sorted((KEPT / f"machine-{at}").glob("*.json"))]
    sequences, missing = [each for each in told if "verbs" in each], [each for each in told if "rule" in each]
    lines = []
    if sequences:
        figures, verbs = Counter[str](), Counter[str]()
        for each in sequences:
            figures.update(each["figures"])
            verbs.update(each["verbs"])
        rows = [("seeds", f"{sequences[0]['seed']} to {sequences[-1]['seed']}, {len(sequences)} of them")]
        rows += [("differences", str(sum(1 for each in sequences if each["found"])))]
        rows += [(name, f"{count:,}") for name, count in figures.items()]
        rows += [("seconds", f"{sum(each['seconds'] for each in sequences):,}"), ("verbs", _listed(verbs))]
        lines += ["", "## The state machine over HTTP", "", "| | |", "|---|---:|"]
        lines += [f"| {name} | {value} |" for name, value in rows]
    if missing:
        lines += ["", "| switched off | found in example | examples with shrinking | seconds | shrunk to |"]
        lines += ["|---|---:|---:|---:|---|"]
        for each in missing:
            shrunk = "<br>".join(f"`{step}`" for step in each["shrunk"])
            lines.append(f"| {each['rule']} | {each['found']} | {each['examples']} | {each['seconds']} | {shrunk} |")
    return lines


def storm_sizes(part: Part, at: str) -> dict[str, object]:
    """What a part of the storm is told; it begins from a copy of what the first part at this commit prepared."""
    if not part.name.startswith("storm-"):
        return {"STORM_ATTACKS": 0}
    return {
        "STORM_ATTACKS": ATTACKS,
        "STORM_KILLS": KILLS,
        "STORM_SEED": SEED + 1000 * int(part.name.removeprefix("storm-")),
        "STORM_MODEL": KEPT / f"storm-site-{at}",
        "STORM_LOG": KEPT / f"{part.name}.jsonl",
        "STORM_TABLE": KEPT / f"{part.name}.figures.json",
    }


def storm_table() -> list[str]:
    """What all parts of the storm that were run came to together."""
    files = [KEPT / f"{part.name}.figures.json" for part in PARTS if part.name.startswith("storm-")]
    told = [json.loads(file.read_text()) for file in files if file.exists()]
    if not told:
        return []
    figures, kills, ways, verbs = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for each in told:
        figures.update(each["figures"])
        kills.update(each["kills"])
        ways.update(each["ways"])
        verbs.update(each["verbs"])
    rows = [("parts", f"{len(told)}"), ("seeds", ", ".join(str(each["seed"]) for each in told))]
    rows += [(name, f"{count:,}") for name, count in figures.items()]
    rows += [("killed", _listed(kills)), ("sent", _listed(ways)), ("kinds that were done", str(len(verbs)))]
    return ["", "## The storm", "", "| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in rows)]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


def _count(output: str, word: str) -> int:
    found = re.findall(rf"(\d+) {word}", output)
    return int(found[-1]) if found else 0


def _failures(done: subprocess.CompletedProcess[str]) -> int:
    counted = _count(done.stdout, "failed") + _count(done.stdout, "errors?")
    return counted or (1 if done.returncode else 0)


def kept(part: Part) -> Outcome | None:
    """The outcome of an earlier run, if there is one."""
    file = KEPT / f"{part.name}.json"
    return Outcome(**json.loads(file.read_text())) if file.exists() else None


def table(outcomes: list[tuple[Part, Outcome]]) -> str:
    """The report: one line a part."""
    lines = [
        "# The campaign",
        "",
        f"Made by `make prove`: {ROUNDS} rounds a race, {EXAMPLES} examples a property, seed {SEED}.",
        "",
        "| part | what it shows | commit | passed | failed | seconds |",
        "|---|---|---|---:|---:|---:|",
    ]
    for part, outcome in outcomes:
        figures = f"{outcome.commit} | {outcome.passed} | {outcome.failed} | {outcome.seconds}"
        lines.append(f"| {part.name} | {part.shows} | {figures} |")
    for name, title in TABLES.items():
        kept_table = KEPT / f"{name}.md"
        if kept_table.exists():
            lines += ["", f"## {title}", "", kept_table.read_text().strip()]
    for at in sorted({outcome.commit for part, outcome in outcomes if part.name.startswith("machine")}):
        lines += machine_tables(at)
    lines += storm_table()
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], *(part.name for part in PARTS)], help="only these parts")
    parser.add_argument("--again", action="store_true", help="also what is done already")
    options = parser.parse_args()
    at, outcomes = commit(), []
    for part in PARTS:
        outcome = kept(part)
        stale = outcome is None or outcome.commit != at or not outcome.good
        wanted = part.name in options.parts if options.parts else options.again or stale
        if wanted:
            outcome = run(part, at)
        if outcome is not None:
            outcomes.append((part, outcome))
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(table(outcomes))
    sys.stdout.write(table(outcomes))
    return 0 if all(outcome.good for _, outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
