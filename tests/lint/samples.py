#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Samples: every text for people is there in each language of its definition, and in no other."""
import re

from tree import ROOT, Report

TOKEN = re.compile(r'\s+|#[^\n]*|(?P<text>"(?:[^"\\]|\\.)*")|(?P<mark>[{}()\[\]=;,])|(?P<word>[\w.+-]+)')
CLOSING = {"{": "}", "(": ")", "[": "]"}
report = Report()


class Group(dict):
    """What stands in braces; the line on which it begins."""
    line = 0


class Text(str):
    """What stands in quotes; the line on which it begins."""
    line = 0


class Reader:
    """The part of libconfig's language that the samples are written in."""

    def __init__(self, path):
        self.tokens, at, line, source = [], 0, 1, path.read_text()
        while at < len(source):
            match = TOKEN.match(source, at)
            if not match:
                raise ValueError(f"{path.name}:{line}: not understood")
            if match.lastgroup:
                self.tokens.append((match.lastgroup, match.group(), line))
            line += match.group().count("\n")
            at = match.end()

    def mark(self, *marks):
        """Takes the next token if it is one of MARKS."""
        return bool(self.tokens) and self.tokens[0][1] in marks and self.tokens.pop(0)[1]

    def value(self):
        kind, token, line = self.tokens.pop(0)
        if kind == "text":
            whole = token[1:-1]
            while self.tokens and self.tokens[0][0] == "text":
                whole += self.tokens.pop(0)[1][1:-1]
            text = Text(whole)
            text.line = line
            return text
        if token == "{":
            return self.group("}", line)
        if token in CLOSING:
            values = []
            while not self.mark(CLOSING[token]):
                values.append(self.value())
                self.mark(",")
            return values
        return token

    def group(self, end, line):
        group = Group()
        group.line = line
        while self.tokens and not self.mark(end):
            key = self.tokens.pop(0)[1]
            self.mark("=")
            group[key] = self.value()
            self.mark(";", ",")
        return group


def by_language(value):
    return isinstance(value, Group) and bool(value) and all(
        re.fullmatch("[a-z]{2}", k) and isinstance(v, Text) for k, v in value.items())


def entries(node):
    """Every key with its value, at all depths."""
    for key, value in node.items() if isinstance(node, Group) else []:
        yield key, value
        if not by_language(value):
            yield from entries(value)
    for value in node if isinstance(node, list) else []:
        yield from entries(value)


samples = {}
for path in sorted((ROOT / "conf" / "events.d").glob("*.conf")):
    samples[path] = Reader(path).group(None, 1)
# What is said by language in one of them is for people in all of them.
spoken = {key for sample in samples.values() for key, value in entries(sample) if by_language(value)}
for path, sample in samples.items():
    languages = set(sample["languages"])
    for key, value in entries(sample):
        if by_language(value):
            for code in sorted(languages ^ set(value)):
                report.fault(path, value.line, f"{key}: {'no text in' if code in languages else 'has a text in'} {code}")
            for code, text in value.items():
                if not text.strip():
                    report.fault(path, text.line, f"{key}: empty in {code}")
        elif key in spoken and isinstance(value, Text) and len(languages) > 1:
            report.fault(path, value.line, f"{key}: in one language only")
if not samples:
    report.fault(ROOT / "conf" / "events.d", 1, "no samples")
report.done()
