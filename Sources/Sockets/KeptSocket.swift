/// A duplicate of a listening socket, on its way to a process that is to keep it; closed with its last reference.
package final class KeptSocket: Sendable {
    package let name: String
    package let descriptor: Int32
    private let calls: any SocketCalls

    init(name: String, descriptor: Int32, calls: any SocketCalls) {
        self.name = name
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit { calls.close(descriptor) }
}
