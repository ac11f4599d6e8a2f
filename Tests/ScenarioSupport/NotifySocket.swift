import Glibc

/// The service manager's end of the notification protocol.
package final class NotifySocket {
    package let path: String
    private let descriptor: Int32
    private var received: [Notification] = []

    package init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, SocketAddress.datagramType, 0)
        guard descriptor >= 0 else { throw ScenarioFailure("cannot open a socket: \(SystemError.text(errno))") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw ScenarioFailure("cannot use a socket path of \(bytes.count) bytes")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw ScenarioFailure("cannot bind \(path): \(SystemError.text(errno))") }
    }

    deinit {
        close(descriptor)
    }

    /// Everything that has come so far.
    package var notifications: [Notification] {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return received }
            received.append(Notification(text: String(decoding: buffer[..<count], as: UTF8.self)))
        }
    }
}
