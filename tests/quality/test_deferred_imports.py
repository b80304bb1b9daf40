"""Great Expectations starts without the libraries that no rule uses, and they still load when somebody asks."""

import subprocess
import sys

PROGRAM = """
import sys
from quality.expectations import preload
preload()
assert "scipy.stats" not in sys.modules and "altair" not in sys.modules
import great_expectations.expectations.core.expect_column_kl_divergence_to_be_less_than as kullback_leibler
assert round(kullback_leibler.stats.norm.cdf(0), 3) == 0.5
import scipy
assert kullback_leibler.stats.norm is scipy.stats.norm
import scipy.stats
import altair
assert altair.Chart and scipy.stats.norm
"""


def test_what_no_rule_uses_loads_only_when_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
