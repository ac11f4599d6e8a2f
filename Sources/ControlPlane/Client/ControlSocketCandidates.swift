/// Where a daemon's control socket may be.
package struct ControlSocketCandidates: Hashable, Sendable {
    /// The file name in every folder of sockets.
    private static let name = "control.sock"
    /// Where the unit of the package has it.
    private static let packaged = "/run/swift-supervisor"

    /// In the order in which they are looked at.
    package let paths: [String]
    /// Anyone can make this folder, so one that belongs to somebody else does not count.
    package let shared: String?

    /// With an `option`, what the user named, nothing else is looked at; `variable` is the environment.
    package init(option: String?, variable: (String) -> String?, user: UInt32) {
        if let option {
            paths = [option]
            shared = nil
            return
        }
        func folder(_ name: String, _ tail: String = "") -> String? {
            guard var value = variable(name), !value.isEmpty else { return nil }
            while value.count > 1, value.hasSuffix("/") { value.removeLast() }
            return value + tail
        }
        let shared = folder("TMPDIR", "/supervisor-\(user)") ?? "/tmp/supervisor-\(user)"
        self.shared = shared
        let folders = [
            folder("RUNTIME_DIRECTORY"), folder("XDG_RUNTIME_DIR", "/supervisor"), shared, Self.packaged,
        ]
        paths = folders.compactMap { $0 }.map { "\($0)/\(Self.name)" }
    }
}
