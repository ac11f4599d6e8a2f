package import Glibc

/// A supervised Chromium, by the debugging port on which it takes orders.
package struct DevTools: Sendable {
    package let port: UInt16

    package init(port: UInt16) {
        self.port = port
    }

    /// Whether the browser answers at its debugging port.
    package var answers: Bool {
        do { return try request("GET", "/json/version").contains("webSocketDebuggerUrl") } catch { return false }
    }

    /// Opens an empty tab and returns the name by which it takes orders.
    package func newTab() throws -> String {
        let tab = try request("PUT", "/json/new?about:blank")
        guard let id = Self.value("id", in: tab) else { throw ScenarioFailure("cannot open a tab: \(tab)") }
        return id
    }

    /// Opens a page in a new tab, and waits until the tab shows the title that the page has.
    package func open(_ url: String, title: String, within limit: Duration = .seconds(20)) throws {
        let tab = try request("PUT", "/json/new?" + url)
        guard let id = Self.value("id", in: tab) else { throw ScenarioFailure("cannot open \(url): \(tab)") }
        var shown = ""
        try Facts.wait(for: "the browser at port \(port) shows \(url)", within: limit) {
            shown = try request("GET", "/json/list")
            let own = shown.split(separator: "}").first { $0.contains("\"id\": \"\(id)\"") }
            return own.flatMap { Self.value("title", in: String($0)) } == title
        }
    }

    /// The browser's main process: the one with its debugging port that is no helper of it.
    package func process(below daemon: pid_t) -> pid_t? {
        ProcessTree().descendants(of: daemon).map(\.pid).first { pid in
            let words = (FileText.readIfPresent("/proc/\(pid)/cmdline") ?? "").split(separator: "\0")
            return words.contains("--remote-debugging-port=\(port)") && !words.contains { $0.hasPrefix("--type=") }
                && words.first?.hasSuffix("/chromium") == true
        }
    }

    private func request(_ method: String, _ target: String) throws -> String {
        let client = try ClientSocket(to: port)
        try client.send("\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Length: 0\r\n\r\n")
        let head = try client.receiveHead()
        let fields = head.lowercased().split(separator: "\r\n")
        guard let length = fields.first(where: { $0.hasPrefix("content-length:") }),
            let count = Int(length.dropFirst("content-length:".count).filter(\.isNumber))
        else { throw ScenarioFailure("cannot read the answer of a browser: \(head)") }
        return String(decoding: try client.receive(exactly: count), as: UTF8.self)
    }

    private static func value(_ key: String, in text: String) -> String? {
        guard let start = text.firstRange(of: "\"\(key)\": \"")?.upperBound,
            let end = text[start...].firstIndex(of: "\"")
        else { return nil }
        return String(text[start..<end])
    }
}
