import Glibc

/// The mode of listening sockets that a program gets.
enum SocketMode {
    /// Makes accepting wait, which is what a program expects of a passed socket (systemd does the same); one that wants
    /// it otherwise changes it itself.
    static func block(_ descriptor: Int32) {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0 else { return }
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
    }
}
