"""The process that holds the compiled rules of EN 16931: documents in, broken rules out, until its input ends.

It imports nothing of the application. The XSLT processor is native code with a thread context of its own that has
aborted servers which called it from their threads; here it has a process to itself, and no more than that can die.

A request is its length in bytes as text, a line feed, and the XML; the answer is one line of JSON:
`[{"id": ..., "flag": ..., "text": ..., "at": ...}]`, or `{"error": ...}`.
"""

import json
import sys
from typing import IO

from lxml import etree
from saxonche import PySaxonProcessor

SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def findings(report: str) -> list[dict[str, str]]:
    """The failed assertions of a validation report."""
    root = etree.fromstring(report.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    return [
        {
            "id": failed.get("id", ""),
            "flag": failed.get("flag", ""),
            "text": " ".join(failed.findtext(f"{SVRL}text", "").split()),
            "at": failed.get("location", ""),
        }
        for failed in root.iter(f"{SVRL}failed-assert")
    ]


def serve(rules: str, source: IO[bytes], answers: IO[bytes]) -> None:
    """Compile the rules once, say so, then answer requests until there are no more."""
    with PySaxonProcessor(license=False) as processor:
        compiled = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=rules)
        answers.write(b"[]\n")
        answers.flush()
        while header := source.readline():
            xml = source.read(int(header)).decode()
            try:
                node = processor.parse_xml(xml_text=xml)
                answer: object = findings(compiled.transform_to_string(xdm_node=node))
            except Exception as error:
                answer = {"error": str(error)[:500]}
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()


if __name__ == "__main__":
    serve(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
