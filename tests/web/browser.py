"""Opens a page in Chromium, and prints as JSON what a reader of it meets.

usage: browser.py PAGE [--shots FOLDER | --measure]

At the width of a desk, of a phone and on paper: violations of axe's rules, whether the page is wider than the
screen, what the browser complains of, and every request that it made beyond its own file. Speaks the DevTools protocol; needs `websocket-client`,
Chromium, and axe-core in node_modules beside this file.
"""

import base64
import itertools
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

import websocket

HERE = pathlib.Path(__file__).parent
WIDTHS = {"desk": 1280, "phone": 390}


class Page:
    """One tab, by the DevTools protocol."""

    def __init__(self, address):
        self.socket = websocket.create_connection(address, timeout=120, suppress_origin=True)
        self.numbers = itertools.count(1)
        self.requests = []
        self.loaded = False
        self.complaints = []

    def call(self, method, **params):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = self.hear()
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def hear(self):
        message = json.loads(self.socket.recv())
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(message["params"]["entry"]["text"])
        if message.get("method") == "Page.loadEventFired":
            self.loaded = True
        return message

    def open(self, url):
        self.loaded = False
        if refused := self.call("Page.navigate", url=url).get("errorText"):
            raise RuntimeError(f"{url}: {refused}")
        while not self.loaded:
            self.hear()

    def run(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")


def violations(page):
    page.run((HERE / "node_modules/axe-core/axe.min.js").read_text() + ";0")
    found = page.run(
        "axe.run(document, {resultTypes: ['violations'], iframes: false}).then(r => ({"
        "rules: r.passes.length + r.violations.length, violations: r.violations.map(v => ({id: v.id, "
        "nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200))}))}))"
    )
    if not found["rules"]:
        raise RuntimeError("axe judged by no rule")
    return found["violations"]


def look(page, url, shots):
    found = {}
    for name, width in WIDTHS.items():
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
        page.open(url)
        found[name] = {
            "violations": violations(page),
            "wider_by": page.run("document.documentElement.scrollWidth - document.documentElement.clientWidth"),
        }
        if shots:
            high = min(page.run("document.documentElement.scrollHeight"), 12000)
            clip = {"x": 0, "y": 0, "width": width, "height": high, "scale": 1}
            shot = page.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
            (shots / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
    page.call("Emulation.clearDeviceMetricsOverride")
    printed = page.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
    paper = base64.b64decode(printed["data"])
    found["paper"] = {"pages": len(re.findall(rb"/Type\s*/Page\b", paper))}
    if shots:
        (shots / "paper.pdf").write_bytes(paper)
    found["complaints"] = page.complaints
    found["requests"] = [request for request in page.requests if request != url]
    return found


SCROLL = """new Promise(done => {
  const end = document.documentElement.scrollHeight, frames = [];
  let step = 0, last = performance.now();
  const next = now => {
    frames.push(now - last);
    last = now;
    if (step++ === 120) return done({frames: frames.sort((a, b) => a - b), end});
    window.scrollTo(0, end * step / 120);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})"""


def measure(page, url):
    """How long it takes to open, and the frames of a scroll from the first line to the last in 120 steps."""
    page.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    page.open(url)
    timing = page.run("(() => { const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd })()")
    scrolled = page.run(SCROLL)
    frames = scrolled["frames"]
    return {
        "milliseconds_to_load": round(timing),
        "nodes": page.run("document.getElementsByTagName('*').length"),
        "pixels_high": scrolled["end"],
        "milliseconds_of_a_frame": {"median": round(frames[len(frames) // 2]), "longest": round(frames[-1])},
        "mib_of_script_and_nodes": round(page.call("Runtime.getHeapUsage")["usedSize"] / 2**20),
    }


def main():
    path = pathlib.Path(sys.argv[1]).resolve()
    shots = pathlib.Path(sys.argv[3]) if sys.argv[2:3] == ["--shots"] else None
    if shots:
        shots.mkdir(parents=True, exist_ok=True)
    # Its helpers may still write while they are being ended.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        command += [f"--user-data-dir={profile}", "--no-first-run", "--disable-background-networking", "about:blank"]
        browser = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            for line in browser.stderr:
                if said := re.search(r"ws://127\.0\.0\.1:(\d+)/", line):
                    break
            else:
                raise RuntimeError("chromium ended before it was ready")
            with urllib.request.urlopen(f"http://127.0.0.1:{said[1]}/json") as answer:
                tabs = json.load(answer)
            page = Page(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
            for domain in ("Page", "Network", "Runtime", "Log"):
                page.call(f"{domain}.enable")
            url = path.as_uri()
            print(json.dumps(measure(page, url) if "--measure" in sys.argv else look(page, url, shots)))
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()


if __name__ == "__main__":
    main()
