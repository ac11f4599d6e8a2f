import Addresses

/// A request to the control API: its bytes, and how long it may be silent.
package struct ControlRequest: Hashable, Sendable {
    /// A daemon answers at once; one that is stopped or overloaded must not hold a script up.
    private static let usualSilence = Duration.seconds(10)

    package var method: String
    package var target: String
    /// How long nothing may come; nil: it waits for what happens.
    package var silence: Duration?

    private init(_ method: String, _ target: String, silence: Duration? = usualSilence) {
        self.method = method
        self.target = target
        self.silence = silence
    }

    package static let status = ControlRequest("GET", "/v1/status")
    package static let upstreams = ControlRequest("GET", "/v1/upstreams")
    package static let confirm = ControlRequest("POST", "/v1/confirm")

    /// The status with a shorter limit, for what only decorates.
    package static func status(silence: Duration) -> ControlRequest {
        ControlRequest("GET", "/v1/status", silence: silence)
    }

    package static func connections(of name: String?) -> ControlRequest {
        ControlRequest("GET", "/v1/connections" + (name.map { "?service=\(PercentText.encoded($0))" } ?? ""))
    }

    package static func events(follow: Bool, after number: UInt64? = nil) -> ControlRequest {
        let parts = (follow ? ["follow=1"] : []) + (number.map { ["after=\($0)"] } ?? [])
        let query = parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
        return ControlRequest("GET", "/v1/events" + query, silence: follow ? nil : usualSilence)
    }

    /// It is answered when what it starts is ready or has failed.
    package static func reload(confirmSeconds: Int64?) -> ControlRequest {
        ControlRequest("POST", "/v1/reload" + (confirmSeconds.map { "?confirm=\($0)" } ?? ""), silence: nil)
    }

    /// The file is an absolute path: the daemon has another working directory.
    package static func plan(file: String?) -> ControlRequest {
        ControlRequest("POST", "/v1/plan" + (file.map { "?file=\(PercentText.encoded($0))" } ?? ""))
    }

    package static func order(_ order: Order, _ name: String) -> ControlRequest {
        ControlRequest("POST", "/v1/services/\(PercentText.encoded(name))/\(order.rawValue)", silence: nil)
    }

    package static func rotate(_ name: String) -> ControlRequest {
        ControlRequest("POST", "/v1/services/\(PercentText.encoded(name))/rotate")
    }

    /// One request for each connection: there is nothing to keep.
    var bytes: [UInt8] {
        let length = method == "POST" ? "Content-Length: 0\r\n" : ""
        return Array("\(method) \(target) HTTP/1.1\r\nHost: supervisor\r\nConnection: close\r\n\(length)\r\n".utf8)
    }
}
