"""Property tests search the same examples each time, so that a failure is everybody's; `explore` searches others.

`HYPOTHESIS_PROFILE=explore pytest …` is how new counter-examples are found; each becomes a test of its own.
"""

import os

from hypothesis import settings

settings.register_profile("reproducible", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))
