"""Whether a message is what the published message tables of qbXML 12.0 allow: names, order, occurrence, lengths."""

import json
import re
from pathlib import Path

MESSAGES = json.loads((Path(__file__).parents[1] / "oracles" / "qbxml12_messages.json").read_text())["messages"]
PATTERNS = {
    "FLOATTYPE": r"\d+(\.\d+)?",
    "DATETYPE": r"\d{4}-\d{2}-\d{2}", "BOOLTYPE": r"true|false|0|1", "INTTYPE": r"[+-]?\d+",
    "QUANTYPE": r"[+-]?\d*\.?\d+", "PRICETYPE": r"[+-]?\d*\.?\d+",
}  # fmt: skip


def faults_of(message):
    """What of a request element its table does not allow."""
    if message.tag not in MESSAGES:
        return [f"{message.tag} is no message"]
    unknown = sorted(set(message.keys()) - set(MESSAGES[message.tag]["attributes"]))
    faults = [f"{message.tag} has no attribute {name}" for name in unknown]
    left = _matched(MESSAGES[message.tag]["content"], list(message), faults, message.tag)
    return faults + [f"{each.tag} is not expected here in {message.tag}" for each in left[:1]]


def _matched(rules, found, faults, path):
    """Take off `found` what the rules allow, in their order; what is left was not expected."""
    for rule in rules:
        most = rule.get("max", 1)
        count = 0
        while most is None or count < most:
            rest = _one(rule, found, faults, path)
            if rest is None:
                break
            found, count = rest, count + 1
        if count < rule.get("min", 1):
            faults.append(f"{rule.get('name', 'one of several')} is missing in {path}")
    return found


def _one(rule, found, faults, path):
    """What is left once one occurrence was taken; None where there is none."""
    if "name" in rule:
        if not found or found[0].tag != rule["name"]:
            return None
        _checked(rule, found[0], faults, f"{path}/{rule['name']}")
        return found[1:]
    if not found:
        return None
    if "choice" in rule:
        for way in _ways(rule["choice"]):
            if _starts(way, found[0].tag):
                return _matched([way], found, faults, path)
        return None
    return _matched(rule["sequence"], found, faults, path) if _starts(rule, found[0].tag) else None


def _ways(choice):
    """The tables list what is optional within one way beside the other ways: together it is a sequence."""
    optional = [each for each in choice if each.get("min", 1) == 0]
    return [*(each for each in choice if each not in optional), *([{"sequence": optional}] if optional else [])]


def _starts(rule, name):
    if "name" in rule:
        return rule["name"] == name
    return any(_starts(inner, name) for inner in rule.get("choice") or rule.get("sequence"))


def _checked(rule, element, faults, path):
    if "children" in rule:
        left = _matched(rule["children"], list(element), faults, path)
        faults.extend(f"{each.tag} is not expected here in {path}" for each in left[:1])
        return
    text = element.text or ""
    if rule.get("max_length") and len(text) > rule["max_length"]:
        faults.append(f"{path} is longer than {rule['max_length']}")
    if rule.get("enum") and text not in rule["enum"]:
        faults.append(f"{path} may not be {text}")
    patterns = rule.get("pattern") or [PATTERNS.get(rule.get("type"), ".*")]
    if not any(re.fullmatch(pattern, text, re.DOTALL) for pattern in patterns):
        faults.append(f"{path} may not be {text}")
