/// Where the control socket is when the file does not say: the same for the daemon and for the command.
///
/// Pure: made from an environment and a user.
package struct ControlSocketPath: Hashable, Sendable {
    /// Who answers for the folder of the socket.
    package enum Folder: String, Hashable, Sendable {
        /// The service manager has made it: `$RUNTIME_DIRECTORY`.
        case given
        /// Made for the socket inside a folder of the user alone: `$XDG_RUNTIME_DIR/supervisor`.
        case runtime
        /// Made for the socket where everybody can make folders, so it may be somebody else's.
        case temporary
    }

    /// The folder, without a slash at its end.
    package let folder: String
    package let kind: Folder
    /// The socket itself.
    package var path: String { "\(folder)/control.sock" }

    /// Every place for a user, the default first.
    ///
    /// - Parameters:
    ///   - variable: The value of an environment variable; one that is no absolute path is passed over.
    ///   - userID: The user that the daemon runs as.
    /// - Returns: At least the folder in the temporary folder.
    package static func all(variable: (String) -> String?, userID: UInt32) -> [ControlSocketPath] {
        func folder(_ name: String) -> String? { variable(name).flatMap(Self.folder) }
        // The service manager separates several folders by colons.
        let given = variable("RUNTIME_DIRECTORY")?.split(separator: ":").first.flatMap { Self.folder(String($0)) }
        let runtime = folder("XDG_RUNTIME_DIR").map { $0 + "/supervisor" }
        let temporary = "\(folder("TMPDIR") ?? "/tmp")/supervisor-\(userID)"
        return [
            given.map { ControlSocketPath(folder: $0, kind: .given) },
            runtime.map { ControlSocketPath(folder: $0, kind: .runtime) },
            ControlSocketPath(folder: temporary, kind: .temporary),
        ].compactMap { $0 }
    }

    /// The default for a user.
    package init(variable: (String) -> String?, userID: UInt32) {
        self = Self.all(variable: variable, userID: userID)[0]
    }

    /// A known place.
    package init(folder: String, kind: Folder) {
        self.folder = folder
        self.kind = kind
    }

    /// One spelling for one folder; nil for what is no absolute path, or leads up again.
    private static func folder(_ text: String) -> String? {
        guard text.hasPrefix("/") else { return nil }
        let parts = text.split(separator: "/").filter { $0 != "." }
        guard !parts.isEmpty, !parts.contains(".."), !text.utf8.contains(0) else { return nil }
        return parts.reduce(into: "") { $0 += "/" + $1 }
    }
}
