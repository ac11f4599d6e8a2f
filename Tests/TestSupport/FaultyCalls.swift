package import Addresses
import Glibc
package import Sockets
import Synchronization

/// The real kernel, which fails one chosen call and remembers what is open.
package final class FaultyCalls: SocketCalls {
    private struct State {
        var remaining: Int?
        var open: Set<Int32> = []
        var hasFailed = false
    }

    private let kernel = LinuxSocketCalls()
    private let state = Mutex(State())

    package init() {}

    /// Makes the call after `count - 1` others fail with ENOBUFS; nil: none.
    package func fail(at count: Int?) {
        state.withLock { state in
            state.remaining = count
            state.hasFailed = false
        }
    }

    package var hasFailed: Bool { state.withLock { $0.hasFailed } }
    /// The descriptors that were opened through these calls and not closed through them.
    package var open: Set<Int32> { state.withLock { $0.open } }

    private func step() throws(SystemCallError) {
        let fails = state.withLock { state in
            guard let remaining = state.remaining else { return false }
            state.remaining = remaining > 1 ? remaining - 1 : nil
            if remaining == 1 { state.hasFailed = true }
            return remaining == 1
        }
        if fails { throw SystemCallError(errno: ENOBUFS) }
    }

    private func opened(_ descriptor: Int32) -> Int32 {
        state.withLock { _ = $0.open.insert(descriptor) }
        return descriptor
    }

    package func socket(for address: ListenAddress) throws(SystemCallError) -> Int32 {
        try step()
        return opened(try kernel.socket(for: address))
    }

    package func bind(_ descriptor: Int32, to address: ListenAddress) throws(SystemCallError) {
        try step()
        try kernel.bind(descriptor, to: address)
    }

    package func listen(_ descriptor: Int32, backlog: Int32) throws(SystemCallError) {
        try step()
        try kernel.listen(descriptor, backlog: backlog)
    }

    package func set(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(SystemCallError) {
        try step()
        try kernel.set(option, of: descriptor, to: value)
    }

    package func ignoreNewcomers(
        _ ignore: Bool,
        of descriptor: Int32,
        at address: ListenAddress
    ) throws(SystemCallError) {
        // To heed them again cannot fail: it only takes away a filter, or a peer, that is there.
        if ignore { try step() }
        try kernel.ignoreNewcomers(ignore, of: descriptor, at: address)
    }

    package func setNonBlocking(_ descriptor: Int32) throws(SystemCallError) {
        try step()
        try kernel.setNonBlocking(descriptor)
    }

    package func duplicate(_ descriptor: Int32) throws(SystemCallError) -> Int32 {
        try step()
        return opened(try kernel.duplicate(descriptor))
    }

    package func accept(_ descriptor: Int32) throws(SystemCallError) -> Int32? {
        try step()
        return try kernel.accept(descriptor).map(opened)
    }

    package func localAddress(
        of descriptor: Int32,
        boundTo address: ListenAddress
    ) throws(SystemCallError) -> ListenAddress {
        try step()
        return try kernel.localAddress(of: descriptor, boundTo: address)
    }

    package func listenAddress(of descriptor: Int32) throws(SystemCallError) -> ListenAddress? {
        try step()
        return try kernel.listenAddress(of: descriptor)
    }

    package func inode(of descriptor: Int32) throws(SystemCallError) -> UInt64 {
        try step()
        return try kernel.inode(of: descriptor)
    }

    package func dismiss(_ descriptor: Int32, saying answer: [UInt8]) {
        state.withLock { _ = $0.open.remove(descriptor) }
        kernel.dismiss(descriptor, saying: answer)
    }

    package func close(_ descriptor: Int32) {
        let wasOpen = state.withLock { $0.open.remove(descriptor) != nil }
        precondition(wasOpen, "a descriptor was closed twice")
        kernel.close(descriptor)
    }

    package func placeholder() throws(SystemCallError) -> Int32 {
        try step()
        return opened(try kernel.placeholder())
    }

    package func setMode(_ mode: UInt32, of descriptor: Int32) throws(SystemCallError) {
        try step()
        try kernel.setMode(mode, of: descriptor)
    }

    package func setMode(_ mode: UInt32, ofFile path: String) throws(SystemCallError) {
        try step()
        try kernel.setMode(mode, ofFile: path)
    }

    package func access(ofFile path: String) throws(SystemCallError) -> UnixAccess {
        try step()
        return try kernel.access(ofFile: path)
    }

    package func setGroup(_ group: UInt32, ofFile path: String) throws(SystemCallError) {
        try step()
        try kernel.setGroup(group, ofFile: path)
    }

    package func file(at path: String) throws(SystemCallError) -> FileIdentity? {
        try step()
        return try kernel.file(at: path)
    }

    package func unlink(_ path: String) throws(SystemCallError) {
        try step()
        try kernel.unlink(path)
    }

    package func probe(_ path: String) throws(SystemCallError) {
        try step()
        try kernel.probe(path)
    }

    package func text(ofFile path: String) -> String? { kernel.text(ofFile: path) }
}
