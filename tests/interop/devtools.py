"""A headless Chromium driven through its DevTools protocol over two pipes: one page, what it asked for and what it complained about."""

import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 120  # seconds until an answer counts as missing


def find_chromium():
    """The path of a Chromium, or None. SUBLAYER_CHROMIUM names one outside the search path."""
    named = os.environ.get("SUBLAYER_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    return next((path for path in map(shutil.which, names) if path), None)


class Browser:
    """`requests` and `complaints` grow while the page lives."""

    def __init__(self, binary, profile):
        their_input, self._out = os.pipe()
        self._in, their_output = os.pipe()

        def place_pipes():  # the browser reads from 3 and writes to 4
            first, second = os.dup(their_input), os.dup(their_output)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self._process = subprocess.Popen(
            [binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--hide-scrollbars", f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=place_pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(their_input)
        os.close(their_output)
        self._buffer, self._number, self._session, self._events = b"", 0, None, []
        self.requests, self.complaints = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def call(self, method, **parameters):
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]

    def _receive(self):
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError("the browser does not answer")
            piece = os.read(self._in, 1 << 20)
            if not piece:
                raise AssertionError("the browser ended")
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        message = json.loads(message)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method, parameters):
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"].get("exception", {}).get("description", str(parameters)))
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(parameters["args"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.complaints.append(parameters["entry"]["text"])
        if method:
            self._events.append(method)

    def open(self, url):
        self._events.clear()
        self.call("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._events:
            self._receive()

    def resize(self, width, height, is_phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone)

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def mouse(self, kind, x, y, clicks=0):
        """kind: Moved, Pressed, Released."""
        is_button = kind != "Moved" or clicks > 0
        self.call("Input.dispatchMouseEvent", type=f"mouse{kind}", x=x, y=y, button="left" if is_button else "none",
                  buttons=1 if is_button and kind != "Released" else 0, clickCount=clicks)


def check_silence(browser, address):
    """Nothing but the page itself was asked for, and the browser had nothing to complain about."""
    elsewhere = [url for url in browser.requests if url != address and not url.startswith(("data:", "about:"))]
    if elsewhere:
        raise AssertionError(f"requests beyond the file: {elsewhere}")
    if browser.complaints:
        raise AssertionError(f"complaints of the browser: {browser.complaints}")


def run(make, check, name):
    """What a test of a page returns to the shell. `make(folder)` gives what `check(binary, made)` looks at, None without a program to make it."""
    binary = find_chromium()
    if not binary:
        print("skipped: no chromium or google-chrome in the search path, and SUBLAYER_CHROMIUM is not set")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        made = make(pathlib.Path(folder))
        if made is None:
            print("skipped: SUBLAYER_BINARY is not set")
            return 77
        try:
            check(binary, made)
        except AssertionError as error:
            print(f"FAILED  {error}")
            return 1
    print(f"ok      {name}")
    return 0
