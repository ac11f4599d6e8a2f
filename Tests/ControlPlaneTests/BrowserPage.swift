import ControlPlane
import Foundation
import ScenarioSupport

/// The status page in a tab of a headless Chromium, by the DevTools protocol.
final class BrowserPage {
    let server: PageServer
    private let socket: WebSocketClient
    private var lastCall = 0
    /// What the browser has complained of: exceptions, errors on the console, violations of the policy.
    private(set) var complaints: [String] = []
    /// The addresses that the page has asked for.
    private(set) var requests: [String] = []

    private init(server: PageServer, socket: WebSocketClient) {
        self.server = server
        self.socket = socket
    }

    /// Runs a test of the page in a browser of its own, which has not opened it yet.
    static func run(_ body: (BrowserPage) throws -> Void) throws {
        let server = try PageServer()
        defer { server.stop() }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(at: folder) } catch {} }
        let browser = try ChildProcess(
            Command(
                Command.program("chromium"),
                [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
                    "--user-data-dir=\(folder.path)", "about:blank",
                ],
                environment: ["HOME": folder.path, "PATH": "/usr/bin:/bin"]
            )
        )
        defer { browser.kill() }
        let page = BrowserPage(server: server, socket: try tab(of: folder))
        for domain in ["Page", "Runtime", "Log", "Network"] { try page.call(domain + ".enable") }
        // Rows that are not on the screen draw nothing.
        try page.resize(width: 1_440, height: 1_600)
        try body(page)
        _ = try page.evaluate("1")
        for request in page.requests where !request.hasPrefix(server.origin + "/") && !request.hasPrefix("data:") {
            throw ScenarioFailure("cannot accept that the page asks for \(request)")
        }
        guard page.complaints.isEmpty else {
            throw ScenarioFailure("cannot accept what the browser complains of: \(page.complaints)")
        }
        // In order, so that its helpers end with it.
        try page.call("Browser.close")
        _ = try browser.waitForExit(within: .seconds(10))
    }

    func open(_ snapshot: Snapshot? = nil) throws {
        if let snapshot { try server.send(snapshot) }
        try call("Page.navigate", ["url": server.origin + "/"])
        try wait("document.readyState === 'complete'")
        if snapshot != nil { try wait("document.querySelector('#connection').textContent === 'live'") }
    }

    /// The value of an expression, as text.
    func evaluate(_ expression: String) throws -> String {
        let answer = try call("Runtime.evaluate", ["expression": "String(\(expression))", "awaitPromise": true])
        guard answer["exceptionDetails"] == nil, let result = answer["result"] as? [String: Any] else {
            throw ScenarioFailure("cannot evaluate `\(expression)`: \(answer)")
        }
        return result["value"] as? String ?? ""
    }

    /// The text of the first element that a selector finds.
    func text(_ selector: String) throws -> String {
        try evaluate("document.querySelector(`\(selector)`)?.textContent ?? 'nothing'")
    }

    func wait(_ expression: String, within limit: Duration = .seconds(10)) throws {
        do {
            try Facts.wait(for: expression, within: limit) { try evaluate(expression) == "true" }
        } catch {
            throw ScenarioFailure("\(error); the page shows:\n\(try evaluate("document.body.innerText"))")
        }
    }

    func resize(width: Int, height: Int) throws {
        try call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500]
        )
    }

    func press(_ key: String) throws {
        let event: [String: Any] = ["key": key, "code": key, "windowsVirtualKeyCode": 13, "text": "\r"]
        for type in ["keyDown", "keyUp"] {
            try call("Input.dispatchKeyEvent", event.merging(["type": type]) { $1 })
        }
    }

    /// Forgets the complaints for which there is a reason.
    func forgive(_ isExpected: (String) -> Bool) {
        complaints.removeAll(where: isExpected)
    }

    @discardableResult
    func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        lastCall += 1
        let order: [String: Any] = ["id": lastCall, "method": method, "params": parameters]
        try socket.send(String(decoding: JSONSerialization.data(withJSONObject: order), as: UTF8.self))
        while true {
            let message = try JSONSerialization.jsonObject(with: Data(socket.receive().utf8)) as? [String: Any] ?? [:]
            if message["id"] as? Int == lastCall {
                guard let result = message["result"] as? [String: Any] else {
                    throw ScenarioFailure("cannot call \(method): \(message)")
                }
                return result
            }
            note(message)
        }
    }

    private func note(_ event: [String: Any]) {
        let parameters = event["params"] as? [String: Any] ?? [:]
        switch event["method"] as? String {
        case "Network.requestWillBeSent":
            let request = parameters["request"] as? [String: Any]
            requests.append(request?["url"] as? String ?? "")
        case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled":
            complaints.append("\(parameters)")
        default: break
        }
    }

    /// The first tab of a browser, which tells its port by a file.
    private static func tab(of folder: URL) throws -> WebSocketClient {
        var lines: [Substring] = []
        try Facts.wait(for: "a browser takes orders", within: .seconds(20)) {
            let text = FileText.readIfPresent(folder.appendingPathComponent("DevToolsActivePort").path) ?? ""
            lines = text.split(separator: "\n")
            return lines.count >= 2
        }
        let port = UInt16(lines[0]) ?? 0
        let tab = try DevTools(port: port).newTab()
        return try WebSocketClient(to: port, path: "/devtools/page/\(tab)")
    }
}
