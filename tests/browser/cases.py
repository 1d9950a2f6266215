# SPDX-License-Identifier: EUPL-1.2
"""What the browser tests are run with. The default tier looks at everything in one language; the others, which have the same
pages in other words, are marked `languages` and looked at by scripts/test --browser."""
import pytest
from test_samples import SAMPLES, languages


def in_each(codes):
    """Each language; all but the first marked."""
    return [pytest.param(code, marks=[pytest.mark.languages] if n else []) for n, code in enumerate(codes)]


def samples_in_each(wanted=lambda slug: True):
    """(slug, language) of each sample."""
    return [pytest.param(slug, code, marks=[pytest.mark.languages] if n else [])
            for slug in SAMPLES if wanted(slug) for n, code in enumerate(languages(slug))]
