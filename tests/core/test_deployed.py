"""What an administrator copies: the environment that docs/deployment.md prints, and the units in deploy/."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.test_settings import deployment_check

ROOT = Path(__file__).parents[2]
PYTHON = "/srv/receivables/venv/bin/python"


def printed(name):
    """The file of this name as docs/deployment.md prints it, with something in the gaps."""
    text = (ROOT / "docs" / "deployment.md").read_text()
    block = re.search(rf"```\n# {re.escape(name)}\n(.*?)```", text, re.DOTALL)
    return block[1].replace("SECRET_KEY=…", f"SECRET_KEY={'0a1B2c3D4' * 7}").replace("…", "secret")


def as_systemd_reads(text):
    """An EnvironmentFile: a comment has a line of its own, and whatever stands behind the sign is the value."""
    return dict(line.split("=", 1) for line in text.splitlines() if line and line[0] not in "#;")


def test_the_printed_environment_passes_the_deployment_check():
    text = printed("/etc/receivables.env") + printed("/etc/receivables-owner.env")
    done = deployment_check(**as_systemd_reads(text))
    assert done.returncode == 0, done.stderr

    done = deployment_check(**as_systemd_reads(text.replace("TRUST_PROXY=true", "TRUST_PROXY=true  # it does")))
    assert "TRUST_PROXY is 'true  # it does'" in done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
def test_systemd_understands_every_line_of_the_units(tmp_path):
    for unit in (ROOT / "deploy").glob("receivables.s*"):
        (tmp_path / unit.name).write_text(unit.read_text().replace(PYTHON, sys.executable))
    assert verified(tmp_path) == ""

    service = tmp_path / "receivables.service"
    service.write_text(service.read_text().replace("PrivateTmp=", "PrivateTemp="))
    assert "PrivateTemp" in verified(tmp_path)


def verified(folder):
    """What systemd says about the units of a folder, and nothing of the others that they name."""
    units = map(str, sorted(folder.iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *units], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr
