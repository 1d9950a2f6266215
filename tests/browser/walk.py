# SPDX-License-Identifier: EUPL-1.2
"""From page to page: by its links to every page, and by its buttons as somebody who left everything empty."""
import re
from urllib.parse import urlsplit

import chrome
import judge

# Empties what can be emptied and sends it all the same, as a browser does that knows nothing of `required`.
SEND_NOTHING = """const form = document.querySelector(`form[method="post"][action="${arguments[0]}"]`);
for (const e of form.elements) {
    if (e.name.startsWith('_') || e.type === 'hidden') continue;
    if (e.type === 'radio' || e.type === 'checkbox') e.checked = false;
    else if (e.tagName === 'SELECT') e.selectedIndex = 0;
    else if (e.tagName !== 'BUTTON') e.value = '';
}
form.noValidate = true;
form.requestSubmit()"""
# The pages that all events share: their looks are judged once, where dark colours are too.
SHARED = re.compile(r"/[a-z]{2}/(accessibility|imprint|e/nowhere|e/[^/]+/find(/sent)?|r/[a-z2-7]{40}/(address|erase))?")
LINKS_KEPT = re.compile(r"/(?P<language>[a-z]{2})/")


class Walker:
    """Goes over the pages of one daemon in one language and keeps what is wrong with them. Each page is looked at once."""

    def __init__(self, daemon, driver, language, dark=True):
        self.daemon, self.driver, self.language, self.dark = daemon, driver, language, dark
        self.seen, self.faults = {}, []

    def keep(self, name, faults):
        self.faults += [f"{name}: {fault}" for fault in faults]

    def look(self, name):
        """The page on which the driver stands."""
        self.keep(name, judge.looks(self.driver, self.dark))

    def answered(self, name, page):
        """The answer to a form, on which the driver stands; PAGE is what another browser was answered to the same."""
        assert page.language == self.language, f"{name} is in {page.language}"
        self.keep(name, judge.markup(page.body))
        assert self.driver.title == page.tree.all("title")[0].text, f"{name}: the driver stands elsewhere"
        self.look(name)

    def is_judged(self, path):
        return self.dark or not SHARED.fullmatch(path)

    def open(self, path, status=200):
        """One page; its answer, as the harness reads it."""
        page = self.daemon.browser(self.language).get(path)
        assert page.status == status, f"{path}: {page.status}"
        assert page.language == self.language, f"{path} is in {page.language}"
        self.keep(path, judge.markup(page.body))
        if self.is_judged(path):
            self.driver.get(self.daemon.base_url + path)
            self.look(path)
        self.seen[path] = page
        return page

    def everywhere(self, *starts):
        """All pages of the language that links lead to. Every link leads somewhere."""
        waiting = list(starts)
        while waiting:
            path = waiting.pop(0).partition("#")[0]
            language = LINKS_KEPT.match(path)
            if path in self.seen or not path.startswith("/") or (language and language["language"] != self.language):
                continue
            page = self.daemon.browser(self.language).get(path)
            assert page.status == 200, f"a link leads to {path}: {page.status}"
            if page.header("Content-Type").startswith("text/html"):
                waiting += self.open(path).links
            else:
                self.seen[path] = None

    def nothing(self, path, status=422):
        """The form of PATH sent empty: what is wrong stands on the page, in front of the form."""
        form = self.daemon.browser(self.language).get(path).form
        blank = {name: value if name.rpartition(".")[2].startswith("_") else "" for name, value in form.values.items()}
        if self.is_judged(path):
            self.driver.get(self.daemon.base_url + path)
        self.daemon.pass_time(5)
        page = self.daemon.browser(self.language).post(form.action, blank)
        assert page.status == status, f"{path}: {page.status}"
        self.keep(f"{path} sent empty", judge.markup(page.body))
        if not self.is_judged(path):
            return
        action = urlsplit(form.action)
        chrome.leave(self.driver, lambda: self.driver.execute_script(
            SEND_NOTHING, action.path + (f"?{action.query}" if action.query else "")))
        assert self.driver.find_elements("css selector", '[role="alert"]') or status != 422, f"{path}: nothing is wrong with it"
        self.look(f"{path} sent empty")

    def button(self, path):
        """Presses the only button of PATH, as it comes, and looks at what follows."""
        self.driver.get(self.daemon.base_url + path)
        button = self.driver.find_element("css selector", "main form button")
        chrome.leave(self.driver, button.click)
        self.look(f"{path} answered")
        where = urlsplit(self.driver.current_url)
        page = self.daemon.browser(self.language).get(where.path + (f"?{where.query}" if where.query else ""))
        self.keep(f"{path} answered", judge.markup(page.body))

    def done(self):
        assert not self.faults, f"{len(self.faults)} faults:\n" + "\n".join(self.faults)
