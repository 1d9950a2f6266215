# SPDX-License-Identifier: EUPL-1.2
"""A visitor without JavaScript and without cookies, who looks over every answer for what no answer may hold."""
import gzip
import http.client
import re
import socket
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INLINE = {"a", "abbr", "b", "bdi", "cite", "code", "em", "i", "q", "small", "span", "strong", "sub", "sup", "time", "u", "wbr"}


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent, self.children = tag, attributes, parent, []

    def get(self, name, default=None):
        return self.attributes.get(name, default)

    def walk(self):
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag, **attributes):
        return [e for e in self.walk() if e.tag == tag and all(e.get(k) == v for k, v in attributes.items())]

    @property
    def text(self):
        return " ".join("".join(self._texts()).split())

    def _texts(self):
        for child in self.children:
            if isinstance(child, Element):
                gap = "" if child.tag in INLINE else " "
                yield gap
                yield from child._texts()
                yield gap
            else:
                yield child

    @property
    def raw_text(self):
        return "".join(self._texts())


class _Tree(HTMLParser):
    """Builds a tree and demands that what is opened is closed, in order."""

    OPTIONAL = {"li", "p", "option", "dt", "dd", "tr", "td", "th", "tbody", "thead", "html", "body", "head", "optgroup"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("#root", {}, None)
        self.faults = []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        element = Element(tag, {k: v if v is not None else "" for k, v in attributes}, self.here)
        self.here.children.append(element)
        if tag not in VOID:
            self.here = element

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.here = self.here.parent

    def handle_endtag(self, tag):
        element = self.here
        while element.parent and element.tag != tag and element.tag in self.OPTIONAL:
            element = element.parent
        if element.tag != tag or not element.parent:
            self.faults.append(f"</{tag}> closes <{self.here.tag}>")
            return
        self.here = element.parent

    def handle_data(self, data):
        self.here.children.append(data)


class Form:
    """One form as it stands on the page: its values by name, as a browser would send them."""

    def __init__(self, element, page):
        self.page, self.element = page, element
        self.action = urljoin(page.path, element.get("action") or page.path)
        self.method = (element.get("method") or "get").lower()
        self.values = {}
        self.controls = {}
        for control in element.walk():
            name = control.get("name")
            if not name or control.tag not in ("input", "select", "textarea", "button"):
                continue
            self.controls.setdefault(name, []).append(control)
            kind = (control.get("type") or "text").lower()
            if control.tag == "button" or kind in ("submit", "button", "reset"):
                continue
            if kind in ("radio", "checkbox"):
                if "checked" in control.attributes:
                    self.values[name] = control.get("value", "on")
            elif control.tag == "textarea":
                self.values[name] = re.sub(r"^\n", "", control.raw_text)
            elif control.tag == "select":
                options = control.all("option")
                chosen = [o for o in options if "selected" in o.attributes] or options[:1]
                if chosen:
                    self.values[name] = chosen[0].get("value", chosen[0].text)
            else:
                self.values[name] = control.get("value", "")

    def wrong(self):
        """The names of controls that are marked as wrong. Each has its sentence beside it."""
        names = []
        for name, controls in self.controls.items():
            for control in controls:
                holder, marked = control, False
                while holder is not None and not marked:
                    marked = holder.get("aria-invalid") == "true" or (
                        holder.tag == "fieldset" and "wrong" in (holder.get("class") or "").split())
                    if marked or holder.tag in ("fieldset", "form"):
                        break
                    holder = holder.parent
                if not marked:
                    continue
                ids = (control.get("aria-describedby") or holder.get("aria-describedby") or "").split()
                sentences = [self.page.by_id(i) for i in ids]
                assert any(s is not None and s.text for s in sentences), f"{name} is wrong but no sentence says why"
                names.append(name)
                break
        return names


class Page:
    """One answer of the daemon."""

    def __init__(self, path, status, headers, body):
        self.path, self.status, self.headers, self.body = path, status, headers, body
        self.packed = None  # the bytes as they came, if they came as gzip
        self._tree = None

    def header(self, name):
        got = [v for k, v in self.headers if k.lower() == name.lower()]
        assert len(got) <= 1, f"{name} came {len(got)} times"
        return got[0] if got else None

    @property
    def html(self):
        return self.body.decode("utf-8")

    @property
    def tree(self):
        if self._tree is None:
            parser = _Tree()
            parser.feed(self.html)
            parser.close()
            assert not parser.faults, parser.faults
            self._tree = parser.root
        return self._tree

    @property
    def text(self):
        skipped = [e for e in self.tree.walk() if e.tag == "body"]
        return (skipped[0] if skipped else self.tree).text

    @property
    def title(self):
        return self.tree.all("title")[0].text

    @property
    def language(self):
        return self.tree.all("html")[0].get("lang")

    def by_id(self, name):
        found = [e for e in self.tree.walk() if e.get("id") == name]
        assert len(found) <= 1, f"id {name} stands {len(found)} times"
        return found[0] if found else None

    @property
    def links(self):
        return [urljoin(self.path, a.get("href")) for a in self.tree.all("a") if a.get("href") is not None]

    @property
    def forms(self):
        return [Form(e, self) for e in self.tree.all("form")]

    @property
    def form(self):
        posts = [f for f in self.forms if f.method == "post"]
        assert len(posts) == 1, f"{self.path}: {len(posts)} forms that post, status {self.status}"
        return posts[0]

    @property
    def has_form(self):
        return any(f.method == "post" for f in self.forms)

    @property
    def summary(self):
        """Where the links of the list of faults on top lead; [] if there is none."""
        boxes = [e for e in self.tree.walk() if e.get("role") == "alert"]
        if not boxes:
            return []
        assert boxes[0].get("tabindex") == "-1", "the summary cannot take the focus"
        targets = []
        for link in boxes[0].all("a"):
            reference = link.get("href", "")
            assert reference.startswith("#"), reference
            target = self.by_id(reference[1:])
            assert target is not None, f"the summary points at {reference}, which is not there"
            assert link.text, "a fault without a sentence"
            targets.append(target)
        return targets

    def summary_names(self):
        """The control names that the summary's links lead to; a link to a group counts for the group's controls."""
        names = []
        for target in self.summary:
            name = target.get("name")
            if not name:
                name = next((e.get("name") for e in target.walk() if e.get("name")), None)
            names.append(name)
        return names

    @property
    def location(self):
        target = urlsplit(self.header("Location") or "")
        return urljoin(self.path, target.path or self.path) + (f"?{target.query}" if target.query else "")


def check_answer(page):
    """What holds for every answer, whatever was asked."""
    assert page.header("Set-Cookie") is None, "a cookie"
    assert page.header("X-Content-Type-Options") == "nosniff"
    assert page.header("Referrer-Policy") == "no-referrer"
    policy = page.header("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy and "unsafe" not in policy, policy
    kind = page.header("Content-Type") or ""
    if page.body or page.status == 200:
        assert kind, "no Content-Type"
    if not kind.startswith("text/html") or not page.body:
        return
    assert kind.lower().replace(" ", "") == "text/html;charset=utf-8", kind
    assert page.language, "no language"
    ids = [e.get("id") for e in page.tree.walk() if e.get("id")]
    assert len(ids) == len(set(ids)), f"an id stands twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    for element in page.tree.walk():
        assert element.tag not in ("script", "iframe", "object", "embed"), f"<{element.tag}> in a page"
        assert "style" not in element.attributes and not any(a.startswith("on") for a in element.attributes), \
            f"<{element.tag}> with an inline style or handler"
        for name in ("src", "srcset", "action"):
            assert not re.match(r"(?i)\s*(https?:)?//", element.get(name) or ""), f"a third party: {element.get(name)}"
        if element.tag == "link":
            assert not re.match(r"(?i)\s*(https?:)?//", element.get("href") or "") or element.get("rel") in (
                "canonical", "alternate"), f"a third party: {element.get('href')}"


class Browser:
    def __init__(self, port, language=None, secrets=None):
        self.port, self.language = port, language
        self.secrets = secrets if secrets is not None else set()

    def request(self, method, path, body=None, headers=None):
        sent = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"}
        if self.language:
            sent["Accept-Language"] = self.language
        sent.update(headers or {})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None and "Content-Length" not in sent:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            try:
                if body:
                    connection.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before it was read whole; the answer is there all the same
            answer = connection.getresponse()
            page = Page(path, answer.status, answer.getheaders(), answer.read())
            if page.header("Content-Encoding") == "gzip" and page.body:
                page.packed, page.body = page.body, gzip.decompress(page.body)
        finally:
            connection.close()
        for token in re.findall(r"[a-z2-7]{40}", path + " " + (page.header("Location") or "")):
            self.secrets.add(token)
        check_answer(page)
        return page

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def head(self, path):
        return self.request("HEAD", path)

    def post_raw(self, path, body, kind="application/x-www-form-urlencoded", headers=None):
        return self.request("POST", path, body, {"Content-Type": kind, **(headers or {})})

    def post(self, path, values):
        """VALUES: a mapping, or pairs where a name comes more than once; a value may be a list of them."""
        pairs = values.items() if hasattr(values, "items") else values
        pairs = [(k, v) for k, vs in pairs for v in (vs if isinstance(vs, list) else [vs]) if v is not None]
        for name, value in pairs:
            if isinstance(value, str) and name in ("name", "email") and len(value) >= 4:
                self.secrets.add(value)
        return self.post_raw(path, urlencode(pairs).encode())

    def follow(self, page):
        assert page.status == 303, f"{page.status}, not 303: {page.text[:400] if page.body else ''}"
        return self.get(page.location)


def raw_exchange(port, data, deadline=60.0):
    """Sends bytes as they are and returns all that comes back until the daemon closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=deadline) as connection:
        connection.sendall(data)
        got = b""
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except ConnectionResetError:
            pass
        return got
