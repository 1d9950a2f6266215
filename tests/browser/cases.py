# SPDX-License-Identifier: EUPL-1.2
"""What the browser tests are run with. The default tier looks at every page of every sample in one language, and goes over
one form of each sort by keys and without a sheet; the rest, which is the same in other words, is marked `languages` and run by
scripts/test --browser."""
import pytest
from test_samples import SAMPLES, languages


def in_each(codes):
    """Each language; all but the first marked."""
    return [pytest.param(code, marks=[pytest.mark.languages] if n else []) for n, code in enumerate(codes)]


# Of each sort of form one: wishes, time slots, a group, a statement about state aid, an interview.
SORTS = ("edah-vilnius-2027", "pvh-lab-slots-2027", "hb-tartu-lab-2027", "dh2-coaching-2027", "readi-sme-interview-2027")


def samples():
    """Each sample; all but one of each sort marked."""
    return [pytest.param(slug, marks=[] if slug in SORTS else [pytest.mark.languages]) for slug in SAMPLES]


def samples_in_each(wanted=lambda slug: True):
    """(slug, language) of each sample."""
    return [pytest.param(slug, code, marks=[pytest.mark.languages] if n else [])
            for slug in SAMPLES if wanted(slug) for n, code in enumerate(languages(slug))]
