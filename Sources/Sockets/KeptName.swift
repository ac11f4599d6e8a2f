/// The name of a listening socket while another process keeps it for the next daemon.
///
/// It is made of the socket's inode, so that no other has it, and of the device and inode of a unix socket's file: its
/// next owner can tell whether the file at the path is still that of the socket. It has no colon, which separates the
/// names in LISTEN_FDNAMES.
struct KeptName: Hashable, Sendable {
    private static let prefix = "listener"

    var inode: UInt64
    var file: FileIdentity?

    init(_ listener: OwnedListener) {
        inode = listener.inode
        file = listener.file
    }

    /// Nil when somebody else has given the name.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { UInt64($0) }
        guard parts.first == Self.prefix[...], numbers.count == parts.count - 1 else { return nil }
        switch numbers.count {
        case 1: break
        case 3: file = FileIdentity(device: numbers[1], inode: numbers[2], isSocket: true)
        default: return nil
        }
        inode = numbers[0]
    }

    var text: String {
        let file = file.map { "-\($0.device)-\($0.inode)" } ?? ""
        return "\(Self.prefix)-\(inode)\(file)"
    }
}
