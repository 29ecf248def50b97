"""`xbus-ticker`: feeds of files and of an HTTP server as topics, once each over restarts, also to another library."""
import http.server
import json
import os
import socket
import ssl
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shell  # noqa: E402

FEEDS = os.path.join(shell.HERE, "..", "data", "feeds")


def feed(name):
    with open(os.path.join(FEEDS, name), "rb") as f:
        return f.read()


class Site(http.server.ThreadingHTTPServer):
    """Serves `pages` with an ETag each, answers 304 to who has it, and counts what it was asked."""

    daemon_threads = True

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.moved, self.asked = {}, {}, []
        self.scheme = "http"
        if context:
            self.scheme = "https"
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Who has read enough goes without a word."""

    def url(self, path):
        return f"{self.scheme}://localhost:{self.server_address[1]}{path}"

    def count(self, path, status):
        return sum(1 for asked in self.asked if asked == (path, status))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        site = self.server
        if self.path in site.moved:
            return self.answer(302, b"", {"Location": site.moved[self.path]})
        body = site.pages.get(self.path)
        if body is None:
            return self.answer(404, b"not here")
        tag = f'"{hash(body)}"'
        if self.headers.get("If-None-Match") == tag:
            return self.answer(304, b"", {"ETag": tag})
        return self.answer(200, body, {"ETag": tag, "Content-Type": "application/xml"})

    def answer(self, status, body, headers=()):
        self.server.asked.append((self.path, status))
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Ticker(shell.Shell):
    def setUp(self):
        super().setUp()
        self.state = os.path.join(self.folder, self._testMethodName)

    def site(self, context=None):
        site = Site(context)
        self.addCleanup(site.server_close)
        self.addCleanup(site.shutdown)
        return site

    def config(self, sources, head=""):
        path = os.path.join(self.folder, self._testMethodName + ".toml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f'state = "{self.state}"\n{head}')
            for name, where in sources.items():
                f.write(f"[source.{name}]\n{'url' if '://' in where else 'file'} = \"{where}\"\nevery = 1\n")
        return path

    def run_ticker(self, config, *options):
        command = [shell.program("xbus-ticker"), "run", "--config", config, "--log-level", "debug", *options]
        return self.start("ticker", command, env=self.local)

    def reader(self, *words):
        """slixmpp as alice."""
        server = self.server
        login = [f"alice@{server.domain}", server.accounts["alice"], str(server.port), server.ca_file]
        program = os.path.join(shell.HERE, "ticker_reader.py")
        return self.start("slixmpp", ["/usr/bin/python3", program, *login, "events.localhost", *words])

    def watch(self, *words):
        return self.start("watch", [shell.program("xbus-ticker"), "watch", *words], env=self.local)

    def lines(self, process):
        with open(process.log, encoding="utf-8") as f:
            return f.read().splitlines()

    def await_published(self, ticker, count, seconds=30):
        shell.waiting.poll(lambda: ticker.tail(1000).count(" published") >= count, seconds,
                           f"{count} entries are published")

    def test_files_of_every_generator_are_topics_and_their_titles_are_printed(self):
        names = {"wp": "wordpress.rss", "blogger": "blogger.atom", "releases": "github_releases.atom",
                 "wire": "rdf.rss", "hugo": "hugo.rss"}
        ticker = self.run_ticker(self.config({name: os.path.join(FEEDS, file) for name, file in names.items()}))
        self.await_published(ticker, 11)
        watch = self.watch("wp", "wire", "--all", "--count", "4")
        shell.waiting.poll(lambda: not watch.alive(), 20, "the watch has ended")
        self.assertEqual(sorted(self.lines(watch)), [
            "wire: Brücke über den Belt eröffnet https://wire.example.com/s/1",
            "wire: Kurz gemeldet https://wire.example.com/s/2",
            "wp: Cranes & tides: what’s new https://harbour.example.org/2026/11/cranes-tides/",
            "wp: Fog until Friday https://harbour.example.org/2026/11/fog/"])
        watch = self.watch("blogger", "--all", "--json", "--count", "2")
        shell.waiting.poll(lambda: not watch.alive(), 20, "the watch has ended")
        told = [json.loads(line) for line in self.lines(watch)]
        self.assertEqual([each["id"][-3:] for each in told], ["111", "222"])  # the oldest first
        self.assertEqual(told[1]["updated"], "2026-11-21T07:41:07.099Z")

    def test_what_is_new_and_changed_is_published_once_over_restarts(self):
        site = self.site()
        site.pages["/feed"] = first = feed("github_releases.atom")
        config = self.config({"news": site.url("/feed")})
        ticker = self.run_ticker(config)
        self.await_published(ticker, 2)
        watch = self.watch("news")
        shell.waiting.poll(lambda: site.count("/feed", 304) >= 2, 20, "it asks by the tag")
        self.assertEqual(site.count("/feed", 200), 1)
        self.assertEqual(ticker.stop(), 0)
        before = site.count("/feed", 304)
        ticker = self.run_ticker(config)
        shell.waiting.poll(lambda: site.count("/feed", 304) > before, 20, "it asks by the tag after a restart")
        self.assertEqual(site.count("/feed", 200), 1)
        # One entry is changed, one is new.
        entry = first[first.index(b"  <entry>"):first.index(b"</entry>") + 9]
        new = entry.replace(b"v2.1.0", b"v2.2.0")
        changed = first.replace(b"fix a crash", b"fix two crashes")
        site.pages["/feed"] = changed.replace(b"  <entry>", new + b"  <entry>", 1)
        shell.waiting.poll(lambda: len(self.lines(watch)) >= 2, 20, "both are printed")
        self.assertEqual([line.split(" https")[0] for line in self.lines(watch)],
                         ["news: v2.0.1: fix two crashes", "news: v2.2.0"])
        after = site.count("/feed", 304)
        shell.waiting.poll(lambda: site.count("/feed", 304) > after + 1, 20, "it goes on asking")
        self.assertEqual(len(self.lines(watch)), 2)
        self.assertIn(" published again ", ticker.tail(1000))

    def test_slixmpp_subscribes_and_reads_atom(self):
        ticker = self.run_ticker(self.config({"slix": os.path.join(FEEDS, "wordpress.rss")}))
        self.await_published(ticker, 2)
        peer = self.reader("ticker/slix")
        peer.wait_line("entry Fog until Friday", 30)
        peer.wait_line("entry Cranes & tides: what’s new", 30)

    def test_only_those_of_the_list_publish(self):
        config = self.config({"open": os.path.join(FEEDS, "hugo.rss")}, 'publishers = ["alice"]\n')
        ticker = self.run_ticker(config)
        self.await_published(ticker, 3)
        self.reader("ticker/open", "publish").wait_line("publish ok", 30)
        ticker.stop()
        ticker = self.run_ticker(self.config({"open": os.path.join(FEEDS, "hugo.rss")}))

        def refused():
            return self.reader("ticker/open", "publish").wait_line("publish ", 30) == "publish forbidden"

        shell.waiting.poll(refused, 30, "who is off the list may not")

    def test_what_a_site_does_wrong_is_told_and_harms_no_other(self):
        site, other = self.site(), self.site()
        site.pages["/good"] = feed("hugo.rss")
        site.pages["/html"] = b"<html/>"
        site.pages["/bomb"] = b"<!DOCTYPE a [<!ENTITY a 'b'>]><rss/>"
        site.pages["/large"] = b" " * (4 * 1024 * 1024 + 1)
        site.moved["/loop"] = "/loop"
        site.moved["/moved"] = other.url("/feed")
        other.pages["/feed"] = feed("rdf.rss")
        wrong = {"html": "neither Atom nor RSS", "bomb": "definitions of its own", "large": "too large",
                 "none": "answers 404", "loop": "redirects too often"}
        ticker = self.run_ticker(self.config({name: site.url("/" + name) for name in ("good", "moved", *wrong)}))
        self.await_published(ticker, 5)
        for name, why in wrong.items():
            with self.subTest(source=name):
                shell.waiting.poll(lambda: why in ticker.tail(1000), 30, why)

    def test_it_ends_while_a_site_keeps_it_waiting(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            ticker = self.run_ticker(self.config({"silent": f"http://127.0.0.1:{silent.getsockname()[1]}/"}))
            connection, _ = silent.accept()
            with connection:
                self.assertIn(b"GET / HTTP/1.1", connection.recv(4096))
                self.assertEqual(ticker.stop(), 0)

    def test_it_goes_on_when_the_bus_comes_back(self):
        path = os.path.join(self.folder, "changing.rss")
        with open(path, "wb") as f:
            f.write(feed("hugo.rss"))
        ticker = self.run_ticker(self.config({"changing": path}))
        self.await_published(ticker, 3)
        self.server.kill()
        with open(path, "wb") as f:
            f.write(feed("hugo.rss").replace(b"On waiting", b"On waiting longer"))
        self.server.start()
        shell.waiting.poll(lambda: "On waiting longer" in ticker.tail(1000), 30,
                           "what has changed meanwhile is published")
        self.assertEqual(ticker.tail(1000).count(" published"), 4)

    def test_https_is_verified_and_never_left(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server.certificate, self.server.key)
        plain, secure = self.site(), self.site(context)
        plain.pages["/feed"] = secure.pages["/feed"] = feed("hugo.rss")
        secure.moved["/down"] = plain.url("/feed")
        sources = {"tls": secure.url("/feed"), "down": secure.url("/down")}
        ticker = self.run_ticker(self.config(sources))
        shell.waiting.poll(lambda: "not trusted" in ticker.tail(1000), 30, "an unknown CA is not trusted")
        self.assertEqual(ticker.tail(1000).count(" published"), 0)
        ticker.stop()
        ticker = self.run_ticker(self.config(sources, f'ca = "{self.server.ca_file}"\n'))
        self.await_published(ticker, 3)
        shell.waiting.poll(lambda: "redirects to plain http" in ticker.tail(1000), 30, "https is not left")
        self.assertEqual(plain.asked, [])


if __name__ == "__main__":
    shell.main()
