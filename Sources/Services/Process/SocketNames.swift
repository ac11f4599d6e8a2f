import Addresses

/// The names of passed sockets: the variable LISTEN_FDNAMES of sd_listen_fds(3).
enum SocketNames {
    /// systemd's limit for a name.
    private static let limit = 255

    /// The address, with `_` for the colon, which separates names; `fallback` when that is no valid name.
    static func name(of address: ListenAddress, fallback: String) -> String {
        let name = String(address.description.map { $0 == ":" ? "_" : $0 })
        let isValid = name.utf8.count <= limit && name.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        return isValid ? name : fallback
    }
}
