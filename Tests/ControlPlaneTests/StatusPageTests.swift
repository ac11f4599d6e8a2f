import ControlPlane
import Foundation
import ScenarioSupport
import Testing

/// The page in a real Chromium, with its policy enforced.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct StatusPageTests {
    /// What the page shows of a snapshot: texts that selectors find.
    struct Case: CustomTestStringConvertible {
        var name: String
        var snapshot: Snapshot
        var texts: [(selector: String, text: String)]

        var testDescription: String { name }
    }

    private static let cases = [
        Case(
            name: "healthy",
            snapshot: Snapshots.healthy,
            texts: [
                ("#readiness", "ready"), ("#ready-figure", "7 of 7"), ("#ready-aside", "every service is ready"),
                ("#load-figure", "generation 7"), ("#draining-figure", "0 connections"),
                ("title", "ready – supervisor"),
                ("#tree > li.group .state", "browser@0"), ("#tree > li.group .mark", "2 of 2 ready, one-for-all"),
                ("#tree > li.service .name b", "echo"),
                ("#pool-list h3 .tag", "exclusive · 2 of 3 members in use"),
                ("#tree li.service .mono", "127.0.0.1:8888 → residential[0]"),
            ]
        ),
        Case(
            name: "a service failed",
            snapshot: Snapshots.failed,
            texts: [
                ("title", "1 failed – supervisor"), ("#ready-aside", "1 failed"),
                ("#tree > li.service:last-child .state", "failed"),
                (
                    "#tree > li.service:last-child .note span",
                    "last error: exit code 127, with 5 failures in 60 s"
                ), ("li.group + li.group .service .state", "ready, unhealthy"),
                (
                    "li.group + li.group .service .note span",
                    "the upstream refuses connections\nupstream: connection_refused for 12s"
                ), (".member:nth-child(2) .mark", "failed"),
                (".member:nth-child(2) > :last-child", "connection_refused, 12 s ago"),
            ]
        ),
        Case(
            name: "backing off",
            snapshot: Snapshots.backingOff,
            texts: [
                ("#readiness", "not ready: chrome@1 is backing-off: exit code 1"),
                ("#ready-aside", "1 backing off, 1 created"), ("li.group + li.group li + li .state", "backing off"),
                ("li.group + li.group .note span", "waits for chrome@1"),
            ]
        ),
        Case(
            name: "the last reload was rejected",
            snapshot: Snapshots.rejected,
            texts: [
                (
                    ".problem",
                    "services.yaml:14:13: cannot bind 127.0.0.1:8889: address already in use "
                        + "(errno 98, held by python3, pid 4321)"
                ), ("#load-list details[open] summary .mark", "rejected"), ("#load-figure", "generation 7"),
                ("#load-aside.bad", "last load rejected by a request, …"),
                (".report .wrap", "apply bridge@0, because of upstream.password"),
                (".report > .aside", "keep 5 services"),
            ]
        ),
        Case(
            name: "draining",
            snapshot: Snapshots.draining,
            texts: [
                ("#draining-figure", "25 of 31 left"),
                ("#draining-aside", "connections of 2 earlier services"), ("li.old .state", "draining"),
                ("li.old .note span", "23 of 23 connections left"),
                ("li.old .tag", "forward · generation 7"), ("#connections-figure", "118 open"),
            ]
        ),
        Case(
            name: "on trial",
            snapshot: Snapshots.probation,
            texts: [
                ("#load-figure", "generation 8 is on trial: 47 s left"),
                ("#load-aside", "it is reverted unless somebody runs `supervisor confirm`"),
            ]
        ),
        Case(
            name: "a load is under way",
            snapshot: Snapshots.settling,
            texts: [
                ("#readiness", "reloading, ready"), ("#load-figure", "reload: waiting until it is ready"),
                ("#load-aside", "for 4 s; waits for chrome@0, chrome@1"),
                ("#tree > li:nth-child(4) .state", "stopped by hand"),
            ]
        ),
    ]

    @Test func `each state of the daemon is seen on the page`() throws {
        try BrowserPage.run { page in
            for example in Self.cases {
                page.server.goAway()
                page.server.comeBack()
                try page.open(example.snapshot)
                for (selector, text) in example.texts {
                    let shown = try page.text(selector)
                    // Only the beginning is told of a text that has the time of day.
                    let isRight = text.hasSuffix("…") ? shown.hasPrefix(text.dropLast()) : shown == text
                    #expect(isRight, "\(example.name): \(selector) shows \(shown)")
                }
                try page.press("Tab")
                #expect(try page.evaluate("document.activeElement.className") == "skip")
            }
            page.forgive { $0.contains("ERR_INCOMPLETE") || $0.contains("ERR_EMPTY_RESPONSE") }
        }
    }

    @Test func `a change is shown in place, told to screen readers, and stays in the strip`() throws {
        try BrowserPage.run { page in
            try page.open(Snapshots.healthy)
            #expect(try page.text("#announcements") == "")
            _ = try page.evaluate("window.kept = document.querySelector('#tree > li:last-child')")
            try page.server.send(Snapshots.failed)
            try page.wait("document.title.startsWith('1 failed')")
            #expect(try page.evaluate("window.kept === document.querySelector('#tree > li:last-child')") == "true")
            #expect(try page.text("#announcements") == "bridge@1: unhealthy, exporter: failed")
            try page.wait("document.querySelector('#tree > li:last-child .strip').children.length === 2")
            #expect(try page.evaluate("document.querySelector('#tree > li:last-child rect + rect').classList") == "bad")
            try page.wait("document.querySelector('.tile .line').getAttribute('d').includes('L')")

            // By keyboard: the facts of a service.
            _ = try page.evaluate("document.querySelector('#tree .service summary').focus()")
            try page.press("Enter")
            try page.wait("document.querySelector('#tree .service .facts dd')?.checkVisibility() === true")
            #expect(try page.text("#tree .service .facts").contains("residential[0]"))

            for (kind, text) in [(EventRecord.Kind.crashed, "exit code 127"), (.gaveUp, "gave up")] {
                var record = EventRecord(at: "2026-03-01T09:00:03Z", kind: kind, text: text)
                record.sequence = kind == .crashed ? 1 : 2
                record.service = "exporter"
                try page.server.send(record)
                try page.server.send(record)
            }
            try page.wait("document.querySelectorAll('#event-list li').length === 2")
            #expect(try page.text("#event-list li .mark") == "gave up")
        }
    }

    @Test func `a lost connection is said with its time, and comes back by itself`() throws {
        try BrowserPage.run { page in
            try page.open(Snapshots.healthy)
            page.server.goAway()
            try page.wait("document.querySelector('#connection').textContent.startsWith('connection lost, since ')")
            #expect(try page.evaluate("document.body.className") == "stale")
            #expect(try page.text("title") == "connection lost – supervisor")
            #expect(try page.text("#announcements") == "connection lost")
            try page.wait("/next try in \\d+ s/.test(document.querySelector('#connection').textContent)")
            page.server.comeBack()
            try page.server.send(Snapshots.healthy)
            try page.wait("document.querySelector('#connection').textContent === 'live'", within: .seconds(30))
            #expect(try page.evaluate("document.body.className") == "")
            try page.wait("document.querySelector('#tree > li:last-child .strip .none') !== null")
            page.forgive { $0.contains("ERR_") }
        }
    }

    @Test func `no text of a snapshot becomes a part of the page`() throws {
        try BrowserPage.run { page in
            try page.open(Snapshots.hostile)
            _ = try page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })")
            try page.wait("document.querySelectorAll('.facts dd').length > 10")
            #expect(try page.evaluate("document.querySelectorAll('script').length") == "1")
            #expect(try page.evaluate("document.querySelectorAll('img, [onerror]').length") == "0")
            #expect(try page.text("title") == "not ready – supervisor")
            let script = try #require(Snapshots.hostile.daemon.unreadyReason)
            #expect(try page.text("#readiness") == "not ready: " + script)
            #expect(try page.text(".problem") == script)
            #expect(try page.text("#tree > li.service .name b") == script)
        }
    }

    @Test func `a thousand services are drawn in bounded time, and later only what has changed`() throws {
        try BrowserPage.run { page in
            try page.open(Snapshots.many(1_000))
            #expect(try page.text("#shown") == "1,000 services")
            _ = try page.evaluate(
                """
                (window.touched = new Set(), new MutationObserver((changes) => {
                  for (const change of changes) window.touched.add(change.target.closest?.("li.service"));
                }).observe(document.querySelector("#tree"), { subtree: true, childList: true }))
                """
            )
            // With the same snapshot only the rows on the screen count their seconds.
            let time = try page.evaluate("(() => { const start = now(); render(); return now() - start })()")
            #expect(try #require(Double(time)) < 2)
            #expect(try #require(Int(page.evaluate("window.touched.size"))) < 60)

            let frame = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
            let click = "[...document.querySelectorAll('#chips button')].at(-1).click()"
            _ = try page.evaluate(
                "(async () => { const start = now(); \(click); await \(frame); window.hiding = now() - start })()"
            )
            try page.wait("window.hiding !== undefined", within: .seconds(30))
            let hiding = try page.evaluate("window.hiding")
            #expect(try #require(Double(hiding)) < 3)
            #expect(try page.text("#shown") == "1 of 1,000 services shown")
            #expect(try page.text("li.service:not([hidden]) b") == "worker@500")
            _ = try page.evaluate("document.querySelector('#chips button').click()")
            _ = try page.evaluate("document.querySelector('#filter').focus()")
            try page.call("Input.insertText", ["text": "WORKER@99 echo"])
            try page.wait("document.querySelector('#shown').textContent === '11 of 1,000 services shown'")
            try page.server.send(Snapshots.many(2, tick: 1))
            try page.wait("document.querySelectorAll('li.service').length === 2")
        }
    }

    @Test func `the page is as wide as its window`() throws {
        try BrowserPage.run { page in
            for snapshot in [Snapshots.failed, Snapshots.draining, Snapshots.hostile] {
                page.server.goAway()
                page.server.comeBack()
                try page.open(snapshot)
                for width in [360, 800, 1_440] {
                    try page.resize(width: width, height: 800)
                    let overflow = try page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    #expect(try #require(Int(overflow)) <= 0, "\(width)")
                }
            }
            page.forgive { $0.contains("ERR_INCOMPLETE") || $0.contains("ERR_EMPTY_RESPONSE") }
        }
    }

    @Test func `the page is one document, and its policy allows nothing else`() {
        let html = StatusPage.html
        #expect(html.hasPrefix("<!doctype html>") && html.contains("<noscript>") && html.contains("\"/v1/status\""))
        #expect(html.ranges(of: "<script").count == 1 && html.ranges(of: "</script").count == 1)
        #expect(!html.contains("page.js */") && !html.contains("page.css */"))
        for word in ["src=\"", "@import", "url(", "innerHTML", "style=\"", " onclick"] { #expect(!html.contains(word)) }
        let policy = StatusPage.contentSecurityPolicy
        #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-"))
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
    }

    @Test(arguments: ["page.html", "page.css", "draw.js", "tree.js", "panels.js", "page.js"])
    func `a file of the page has a bounded size`(name: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let file = root.appendingPathComponent("Sources/ControlPlane/Page/\(name)")
        #expect(try String(contentsOf: file, encoding: .utf8).split(separator: "\n").count < 400)
    }
}
