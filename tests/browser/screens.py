#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Makes the pictures in doc/screens/: every page at 1280 and 320 px, light and dark, and without CSS. Sideways scroll is a
fault. With --axe FILE (axe.min.js of axe-core) each page is also checked for accessibility.

    CONVENED=build/test/plain/root/sbin/convened tests/browser/screens.py [--out DIR] [--axe FILE]

Needs Debian's chromium, chromium-driver, python3-selenium and python3-pil."""
import argparse
import base64
import email
import email.policy
import io
import re
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests" / "browser"), str(TOP / "tests" / "server")]

from chrome import NO_SHEET, driver_new, leave  # noqa: E402
from harness.daemon import Daemon, find_programs  # noqa: E402
from harness.smtp import MailServer  # noqa: E402
from PIL import Image  # noqa: E402

# One place, a list, and the address is confirmed first: for the pages that the samples do not lead to.
SMALL = """slug = "round-table"; languages = [ "en" ]; title = "Round table on home care"; zone = "Europe/Tallinn";
starts = "2027-02-18T13:00"; ends = "2027-02-18T16:00"; place = "Town hall, Tartu"; confirm = "hold"; waiting_list = true;
modes = ( { id = "onsite"; capacity = 1; } );
fields = ( { id = "name"; type = "text"; role = "name"; label = "Full name"; required = true; },
           { id = "email"; type = "email"; role = "email"; label = "Email address"; required = true; } );
"""
# Two organisations, the second in blue with a logo of its own.
LOGO = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 38"><path fill="#3f78c9" d="M4 34V4h6l14 19V4h7v30h-6L11 15v19z"/>'
        '<path fill="none" stroke="#c77d1a" stroke-width="5" d="M38 24h10l5-14 8 22 5-12h26"/></svg>')
HOSTS = """( {{ id = "cluster"; name = "Connected Health Cluster"; from = "events@cluster.example"; }},
    {{ id = "north"; name = "Northern Health Network"; from = "hello@north.example"; logo = "{logo}";
       colours = {{ brand = "#1b4f9c"; on_brand = "#ffffff"; cover = "#173f7a"; on_cover = "#ffffff";
           dark = {{ brand = "#9cc3ff"; on_brand = "#06203f"; cover = "#14325c"; on_cover = "#f0f4fa"; }}; }};
       imprint = "Northern Health Network ry, Oulu"; }} )"""
LETTERS = ("reminder", "join", "thanks", "changed", "event_moved", "bulk", "data_ready", "erased", "new_registration", "undeliverable")
NEWS = """The workshop moves to **room 5** on the second floor; the lift is beside the entrance.

- Doors open at 9:00.
- Lunch is served in the foyer.

[How to get there](https://example.org/way)
"""
# What differs from light at 1280 px. Every page in every look would be pictures that nobody compares.
LOOKS = {"1280": (1280, "light", False), "320": (320, "light", False), "dark": (1280, "dark", False),
         "320-dark": (320, "dark", False), "nocss": (1280, "light", True)}


class Studio:
    def __init__(self, driver, out, axe):
        self.driver, self.out, self.axe, self.faults = driver, out, axe, []

    def show(self, look):
        width, scheme, _ = LOOKS[look]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})

    def shoot(self, name, url, looks):
        for look in looks:
            self.show(look)
            self.driver.get(url)
            self.take(name, look)

    def take(self, name, look):
        """The page that the driver stands on."""
        width, _, bare = LOOKS[look]
        self.show(look)
        if bare:
            self.driver.execute_script(NO_SHEET)
        wide = self.driver.execute_script("return document.documentElement.scrollWidth")
        if wide > width:
            self.faults.append(f"{name} {look}: {wide} px wide")
        if self.axe and not bare:
            self.driver.execute_script(self.axe)
            found = self.driver.execute_async_script(
                "const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa',"
                "'wcag22aa','best-practice']}).then(r => done(r.violations.map(v => v.id + ' ' + "
                "v.nodes.map(n => n.target.join(' ')).join(', '))))")
            self.faults += [f"{name} {look}: axe {fault}" for fault in found]
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1}})
        # 64 colours: the pictures are for people, and for a small repository.
        Image.open(io.BytesIO(base64.b64decode(picture["data"]))).convert("RGB").quantize(64).save(
            self.out / f"{name}-{look}.png", optimize=True)


def fill(driver, answers):
    """Fills the form of the page as a person would and presses the button."""
    for name, value in answers.items():
        for control in driver.find_elements("css selector", f'[name="{name}"]'):
            kind = control.get_attribute("type")
            if kind in ("radio", "checkbox"):
                if control.get_attribute("value") == value:
                    control.click()
            elif control.tag_name == "select":
                for option in control.find_elements("tag name", "option"):
                    if option.get_attribute("value") == value:
                        option.click()
            else:
                control.clear()
                control.send_keys(value)
    press(driver)


def press(driver):
    """Presses the page's button and waits until another page stands there."""
    buttons = driver.find_elements("css selector", 'form button[name="_reviewed"]') or \
        driver.find_elements("css selector", "form button")
    leave(driver, buttons[0].click)


def html_of(message):
    """The mail's HTML part with its emblem inside, as a mail program shows it."""
    html = message.get_body(("html",)).get_content()
    for part in message.walk():
        if part.get_content_type() == "image/png":
            html = html.replace("cid:" + part["Content-ID"].strip("<>"),
                                "data:image/png;base64," + base64.b64encode(part.get_content()).decode())
    return html


def tour(daemon, smtp, studio, folder):
    base, driver, every = daemon.base_url, studio.driver, list(LOOKS)
    event = f"{base}/en/e/edah-vilnius-2027"
    person = {"name": "Anna Kowalska-Nyström", "email": "anna.kowalska@umed.example", "country": "PL", "mode": "online",
              "stakeholder": "university_rto", "organisation": "Medical University of Łódź"}
    studio.shoot("list", f"{base}/en/", every)
    studio.shoot("event", event, every)
    studio.shoot("event-lt", f"{base}/lt/e/edah-vilnius-2027", ["1280", "320"])
    studio.shoot("event-et", f"{base}/et/e/ch-need-day-2027", ["1280", "320"])
    studio.shoot("slots", f"{base}/en/e/pvh-lab-slots-2027", ["1280", "320"])
    studio.shoot("series", f"{base}/en/e/dh2-coaching-2027", ["1280", "320"])
    for look in every:
        studio.show(look)
        driver.get(event)
        daemon.clock.move(5)
        daemon.reload()
        fill(driver, {**person, "email": "anna.kowalska@umed", "country": ""})
        studio.take("errors", look)
    studio.show("1280")
    driver.get(event)
    daemon.clock.move(5)
    daemon.reload()
    fill(driver, person)
    press(driver)  # the answers, once more
    for look in every:
        studio.take("optional", look)
    studio.show("1280")
    press(driver)
    studio.shoot("next", driver.current_url, every)
    message = smtp.one(person["email"]).message
    text = message.get_body(("plain",)).get_content()
    link = re.search(r"http://\S+/r/[a-z2-7]{40}", text).group(0)
    studio.shoot("manage", link, every)
    studio.shoot("cancel", link + "/cancel", every)
    (folder / "mail.html").write_text(html_of(message))
    studio.shoot("mail-confirmed", f"file://{folder}/mail.html", ["1280", "320", "dark"])
    driver.get(link + "/cancel")
    press(driver)
    studio.take("cancelled", "1280")
    (folder / "mail.html").write_text(html_of(smtp.one(person["email"], 2).message))
    studio.shoot("mail-cancelled", f"file://{folder}/mail.html", ["1280", "dark"])
    answers(daemon, smtp, studio, folder)
    summit(daemon, studio)
    school(daemon, studio)
    fields(daemon, studio)
    link = own(daemon, smtp, studio)
    studio.shoot("find", f"{event}/find", ["1280", "320"])
    studio.shoot("unknown", f"{base}/en/e/nowhere", ["1280", "320"])
    daemon.clock.set("2027-03-18T08:00:00Z")
    daemon.reload()
    studio.shoot("closed", event, ["1280", "320"])
    daemon.clock.set("2027-05-20T08:00:00Z")
    daemon.reload()
    studio.shoot("evidence", link + "/erase", ["1280", "320"])
    driver.get(link + "/erase")
    press(driver)
    studio.take("restricted", "1280")
    studio.take("restricted", "320")


def sign_up(daemon, driver, smtp, person):
    """Fills the small form, and the link of the mail that asks to confirm."""
    driver.get(f"{daemon.base_url}/en/e/round-table")
    daemon.clock.move(5)
    daemon.reload()
    fill(driver, person)
    text = smtp.one(person["email"]).message.get_body(("plain",)).get_content()
    return re.search(r"http://\S+/r/[a-z2-7]{40}", text).group(0)


def answers(daemon, smtp, studio, folder):
    """The pages on which a person answers: confirm the address, accept an offer."""
    driver, every = studio.driver, list(LOOKS)
    first = {"name": "Jonas Petraitis", "email": "jonas@clinic.example"}
    second = {"name": "Marta Ozoliņa", "email": "marta@patients.example"}
    link = sign_up(daemon, driver, smtp, first)
    studio.shoot("confirm", link + "/confirm", every)
    (folder / "mail.html").write_text(html_of(smtp.one(first["email"]).message))
    studio.shoot("mail-confirm", f"file://{folder}/mail.html", ["1280", "dark"])
    driver.get(link + "/confirm")
    press(driver)
    other = sign_up(daemon, driver, smtp, second)
    driver.get(other + "/confirm")
    press(driver)
    studio.take("waiting", "1280")
    driver.get(link + "/cancel")
    press(driver)
    (folder / "mail.html").write_text(html_of(smtp.one(second["email"], 3).message))
    studio.shoot("mail-offer", f"file://{folder}/mail.html", ["1280", "320", "dark"])
    studio.shoot("offer", other + "/confirm", every)


def school(daemon, studio):
    """Another host's event, its privacy notice, the accessibility statement, and the same event as a draft."""
    base, every = daemon.base_url, list(LOOKS)
    studio.shoot("host", f"{base}/en/e/spring-school", every)
    studio.shoot("privacy", f"{base}/en/e/spring-school/privacy", every)
    studio.shoot("privacy-et", f"{base}/et/e/spring-school/privacy", ["1280", "320"])
    studio.shoot("privacy-lt", f"{base}/lt/e/spring-school/privacy", ["1280", "320"])
    studio.shoot("accessibility", f"{base}/en/accessibility?host=north", ["1280", "320", "dark"])
    text = daemon.events.joinpath("spring-school.conf").read_text()
    daemon.write_event("spring-school", text.replace('"unlisted"', '"draft"'))
    daemon.reload()
    studio.shoot("draft", daemon.ctl("event", "preview", "spring-school").strip(), ["1280", "320", "dark"])


def summit(daemon, studio):
    """An event where sessions, wishes and a time are chosen: the form, what is wrong in it, and what is full."""
    event, driver = f"{daemon.base_url}/en/e/care-summit", studio.driver
    person = {"name": "Anna Kowalska-Nyström", "email": "anna.kowalska@umed.example", "country": "PL"}
    studio.shoot("summit", event, ["1280", "320", "dark"])
    # What contradicts itself, then the last place of a group, and the next one who asks for it.
    wrong = {**person, "mode": "online", "session.a": "use_1", "session.b": "use_2", "session.tables.1": "home",
             "session.tables.2": "home", "slot": "propose"}
    right = {**person, "mode": "onsite", "session.a": "small_1", "slot": "lab/2027-05-20T09:00"}
    for answers, name in ((wrong, "summit-errors"), (right, None)):
        driver.get(event)
        daemon.clock.move(5)
        daemon.reload()
        if name:
            fill(driver, answers)
            for look in ("1280", "320"):
                studio.take(name, look)
    late = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.get(event)
    daemon.clock.move(5)
    daemon.reload()
    fill(driver, {**right, "email": "jonas@clinic.example"})
    driver.close()
    driver.switch_to.window(late)
    studio.show("1280")
    fill(driver, right)
    for look in ("1280", "320"):
        studio.take("summit-full", look)


def own(daemon, smtp, studio):
    """The own page of somebody with sessions, wishes and a time, and what can be done from it. The link of the mail."""
    driver, base = studio.driver, daemon.base_url
    person = {"name": "Ieva Kazlauskienė", "email": "ieva@clinic.example", "country": "LT", "mode": "onsite",
              "session.a": "use_1", "session.dinner": "dinner", "session.tables.1": "home", "session.tables.2": "mind",
              "slot": "lab/2027-05-20T10:30"}
    driver.get(f"{base}/en/e/care-summit")
    daemon.clock.move(5)
    daemon.reload()
    fill(driver, person)
    text = smtp.one(person["email"]).message.get_body(("plain",)).get_content()
    link = re.search(r"http://\S+/r/[a-z2-7]{40}", text).group(0)
    studio.shoot("own", link, ["1280", "320", "320-dark"])
    studio.shoot("change", link + "/change", ["1280", "320", "dark"])
    for look in ("1280", "320"):
        studio.show(look)
        driver.get(link + "/change")
        fill(driver, {"name": ""})
        studio.take("change-errors", look)
    studio.show("1280")
    driver.get(link + "/change")
    for country in ("EE", "FI", "LV", "SE"):
        daemon.sign_up("care-summit", f"{country.lower()}@cluster.example", country=country, mode="onsite", slot="propose",
                       **{"session.a": "trust_1", "slot.propose": "Wednesday afternoon"})
    fill(driver, {"session.a": "trust_1"})
    studio.take("change-full", "1280")
    studio.take("change-full", "320")
    driver.get(link)
    studio.shoot("release", driver.find_element("css selector", 'a[href*="/release"]').get_attribute("href"), ["1280", "320"])
    studio.shoot("address", link + "/address", ["1280", "320"])
    driver.get(link + "/address")
    fill(driver, {"email": "ieva@home.example"})
    studio.shoot("address-sent", driver.current_url, ["1280", "320", "320-dark"])
    text = smtp.one("ieva@home.example").message.get_body(("plain",)).get_content()
    studio.shoot("new-address", re.search(r"http://\S+/a/[a-z2-7]{40}", text).group(0), ["1280", "320"])
    studio.shoot("erase", link + "/erase", ["1280", "320", "dark"])
    return link


def fields(daemon, studio):
    """A question of every type: as it comes, with everything open, with faults, and before it is sent."""
    event, driver = f"{daemon.base_url}/en/e/care-lab", studio.driver
    person = {"name": "Anna Kowalska-Nyström", "email": "anna.kowalska@umed.example", "mode": "onsite", "country": "EE",
              "organisation.name": "Tartu Care OÜ", "organisation.country": "EE", "organisation.size": "small",
              "stakeholder": "sme", "kind": "build", "ease": "4", "need.consent": "yes", "need": "No gluten"}
    studio.shoot("fields", event, list(LOOKS))
    for look in ("1280", "320", "320-dark"):
        studio.show(look)
        driver.get(event)
        daemon.clock.move(5)
        daemon.reload()
        fill(driver, {**person, "people": "many", "topics.1": "data", "topics.2": "data", "organisation.number": "10421628"})
        studio.take("fields-errors", look)
    for look in ("1280", "320", "dark"):
        studio.show(look)
        driver.get(event)
        daemon.clock.move(5)
        daemon.reload()
        for value in ("beds", "apps"):  # after their condition is there
            driver.find_element("css selector", '[name="kind"][value="build"]').click()
            driver.find_element("css selector", f'[name="tools"][value="{value}"]').click()
        fill(driver, person)
        studio.take("review", look)


def mails(daemon, studio, folder):
    """The letters that no visitor brings about here, as `convenectl mail preview` writes them."""
    reference = daemon.query("SELECT reference FROM registrations WHERE event = 'edah-vilnius-2027'")[0]["reference"]
    (folder / "news.md").write_text(NEWS)
    daemon.ctl("mailing", "create", "--event", "edah-vilnius-2027", "--subject", "The room has changed", "--text",
               str(folder / "news.md"), "--news")
    for kind, whom in {**dict.fromkeys(LETTERS, reference), "digest": "edah-vilnius-2027", "alarm": ""}.items():
        options = ("--mailing", "1") if kind == "bulk" else ()
        raw = daemon.ctl("mail", "preview", kind, whom, *options, "--part", "message").encode()
        (folder / "mail.html").write_text(html_of(email.message_from_bytes(raw, policy=email.policy.default)))
        studio.shoot(f"mail-{kind.replace('_', '-')}", f"file://{folder}/mail.html", ["1280", "dark"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=TOP / "doc" / "screens")
    parser.add_argument("--axe", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    smtp = MailServer()
    smtp.start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        daemon = Daemon(find_programs(), folder / "daemon", smtp=smtp, settings={"hosts": HOSTS.format(logo=folder / "north.svg")})
        (folder / "north.svg").write_text(LOGO)
        daemon.clock.set("2027-01-20T09:00:00Z")
        for path in sorted((TOP / "conf" / "events.d").glob("*.conf")):
            daemon.write_event(path.stem, path.read_text())
        daemon.write_event("round-table", SMALL)
        daemon.write_event("care-summit", Path(__file__).with_name("summit.conf").read_text())
        daemon.write_event("spring-school", Path(__file__).with_name("school.conf").read_text())
        daemon.write_event("care-lab", Path(__file__).with_name("fields.conf").read_text())
        daemon.start()
        driver = driver_new(folder / "profile")
        studio = Studio(driver, options.out, options.axe.read_text() if options.axe else None)
        try:
            tour(daemon, smtp, studio, folder)
            mails(daemon, studio, folder)
        finally:
            driver.quit()
            problems = daemon.finish()
            smtp.stop()
    for line in studio.faults + problems:
        print(line)
    sys.exit(1 if studio.faults or problems else 0)


if __name__ == "__main__":
    main()
