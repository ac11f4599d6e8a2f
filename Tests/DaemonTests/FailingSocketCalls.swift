import Addresses
import Sockets
import Synchronization

/// The real kernel, except that the call number `k` that acquires something fails; it keeps the list of what is open.
final class FailingSocketCalls: SocketCalls {
    private struct State {
        var callsUntilFailure: Int?
        var open: Set<Int32> = []
    }

    private let kernel = LinuxSocketCalls()
    private let state = Mutex(State())

    /// The descriptors that were opened through this door and not closed through it.
    var open: Set<Int32> { state.withLock { $0.open } }

    /// Makes the `count`th acquisition from now on fail, once; nil: none.
    func fail(after count: Int?) {
        state.withLock { $0.callsUntilFailure = count }
    }

    private func acquire(errno: Int32 = 24) throws(SystemCallError) {
        let fails = state.withLock { state in
            guard let left = state.callsUntilFailure else { return false }
            state.callsUntilFailure = left > 1 ? left - 1 : nil
            return left == 1
        }
        if fails { throw SystemCallError(errno: errno) }
    }

    private func track(_ descriptor: Int32) -> Int32 {
        state.withLock { _ = $0.open.insert(descriptor) }
        return descriptor
    }

    func socket(for address: ListenAddress) throws(SystemCallError) -> Int32 {
        try acquire()
        return track(try kernel.socket(for: address))
    }

    func bind(_ descriptor: Int32, to address: ListenAddress) throws(SystemCallError) {
        try acquire(errno: 98)
        try kernel.bind(descriptor, to: address)
    }

    func listen(_ descriptor: Int32, backlog: Int32) throws(SystemCallError) {
        try acquire(errno: 98)
        try kernel.listen(descriptor, backlog: backlog)
    }

    func set(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(SystemCallError) {
        try acquire(errno: 12)
        try kernel.set(option, of: descriptor, to: value)
    }

    func ignoreNewConnections(_ ignore: Bool, of descriptor: Int32) throws(SystemCallError) {
        try kernel.ignoreNewConnections(ignore, of: descriptor)
    }

    func duplicate(_ descriptor: Int32) throws(SystemCallError) -> Int32 {
        try acquire()
        return track(try kernel.duplicate(descriptor))
    }

    func accept(_ descriptor: Int32) throws(SystemCallError) -> Int32? {
        try kernel.accept(descriptor)
    }

    func localAddress(of descriptor: Int32, boundTo address: ListenAddress) throws(SystemCallError) -> ListenAddress {
        try acquire(errno: 105)
        return try kernel.localAddress(of: descriptor, boundTo: address)
    }

    func inode(of descriptor: Int32) throws(SystemCallError) -> UInt64 {
        try acquire(errno: 12)
        return try kernel.inode(of: descriptor)
    }

    func close(_ descriptor: Int32) {
        state.withLock { _ = $0.open.remove(descriptor) }
        kernel.close(descriptor)
    }

    func placeholder() throws(SystemCallError) -> Int32 { try kernel.placeholder() }

    func setMode(_ mode: UInt32, of descriptor: Int32) throws(SystemCallError) {
        try acquire(errno: 1)
        try kernel.setMode(mode, of: descriptor)
    }

    func setMode(_ mode: UInt32, ofFile path: String) throws(SystemCallError) {
        try acquire(errno: 1)
        try kernel.setMode(mode, ofFile: path)
    }

    func file(at path: String) throws(SystemCallError) -> FileIdentity? {
        try acquire(errno: 13)
        return try kernel.file(at: path)
    }

    func unlink(_ path: String) throws(SystemCallError) { try kernel.unlink(path) }

    func probe(_ path: String) throws(SystemCallError) { try kernel.probe(path) }

    func text(ofFile path: String) -> String? { kernel.text(ofFile: path) }
}
