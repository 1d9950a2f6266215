# SPDX-License-Identifier: EUPL-1.2
"""Numbers of companies that do not exist, with the check digits that their countries' registers want."""
import itertools


def _estonian(number):
    digits = [int(c) for c in number]
    for weights in ((1, 2, 3, 4, 5, 6, 7), (3, 4, 5, 6, 7, 8, 9)):
        rest = sum(d * w for d, w in zip(digits, weights)) % 11
        if rest < 10:
            return rest == digits[7]
    return digits[7] == 0


def _finnish(number):
    return sum(int(c) * w for c, w in zip(number, (7, 9, 10, 5, 8, 4, 2, 1))) % 11 == 0


def _french(number):
    doubled = [int(c) * (1 + n % 2) for n, c in enumerate(reversed(number))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


RULES = {"EE": (8, _estonian), "FI": (8, _finnish), "FR": (9, _french)}


def registry_number(company, *countries):
    """The number of a company, the same for the same name; good in all of COUNTRIES."""
    size = RULES[countries[0]][0]
    start = sum(ord(c) * 31 ** i for i, c in enumerate(company)) * 7919
    for n in itertools.count(start):
        number = "1" + str(n % 10 ** (size - 1)).zfill(size - 1)
        if all(RULES[country][1](number) for country in countries):
            return number
