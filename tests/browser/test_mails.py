# SPDX-License-Identifier: EUPL-1.2
"""The HTML of every letter, in each language, as a mail program shows it: WCAG by axe-core in light and dark, markup by the
Nu Html Checker, no sideways scroll, headings in order, nothing from afar."""
import base64
import email
import email.policy
import re

import judge
import pytest
from cases import in_each
from harness import letters
from harness.definitions import ALL_FIELDS, definition
from harness.people import come
from test_mail_preview import EXTRA, LANGUAGES, about, kinds, preview, write_mailing


def shown(raw):
    """The HTML part with its pictures inside."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    letters.parts(message)  # no defects
    html = message.get_body(("html",)).get_content()
    for part in message.walk():
        if part.get_content_type() == "image/png":
            html = html.replace("cid:" + part["Content-ID"].strip("<>"),
                                "data:image/png;base64," + base64.b64encode(part.get_content()).decode())
    return html


@pytest.mark.parametrize("language", in_each(sorted(LANGUAGES)))
def test_every_letter(make_daemon, driver, tmp_path, language):
    daemon = make_daemon({"forum": definition("forum", ends="2027-03-19T13:00", fields=ALL_FIELDS, extra=EXTRA)})
    come(daemon, "forum", "anna", country="LT", topic="data", terms="yes", **{"session.a": "data"})
    write_mailing(daemon)
    faults = []
    for kind in kinds(daemon):
        html = shown(preview(daemon, kind, *about(daemon, kind), "--lang", language, "--part", "message").encode())
        assert not re.search(r'src="(?!data:)|url\(|<link|@import', html), f"{kind} loads something"
        page = tmp_path / f"{kind}.html"
        page.write_text(html)
        driver.get(f"file://{page}")
        faults += [f"{kind}: {fault}" for fault in judge.looks(driver) + judge.markup(html.encode())]
    assert not faults, "\n".join(faults)
