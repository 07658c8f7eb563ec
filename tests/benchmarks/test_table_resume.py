"""The run of the big table, on a small one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("polars", reason="the extra `batch` is not installed")


@pytest.mark.one_in(2)
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_killed_run_carries_on_and_every_row_is_as_computed_directly(tmp_path, kind):
    script = Path(__file__).with_name("table_resume.py")
    sizes = ["--rows", "60000", "--part-rows", "10000", "--format", kind]
    args = [sys.executable, str(script), *sizes, "--folder", str(tmp_path)]
    done = subprocess.run(args, capture_output=True, text=True, check=False, timeout=300)
    assert 0 == done.returncode, done.stdout + done.stderr
    assert 0 == json.loads(done.stdout)["rows that are not as computed directly"]
