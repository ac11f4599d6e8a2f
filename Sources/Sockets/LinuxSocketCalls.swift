package import Addresses
import CLinux
import Glibc

/// The real kernel.
package struct LinuxSocketCalls: SocketCalls {
    package init() {}

    package func socket(for address: ListenAddress) throws(SystemCallError) -> Int32 {
        let family =
            switch address {
            case .tcp(.v4, _), .udp(.v4, _): AF_INET
            case .tcp(.v6, _), .udp(.v6, _): AF_INET6
            case .unix: AF_UNIX
            }
        let kind = address.isDatagram ? SOCK_DGRAM : SOCK_STREAM
        let type = kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        return try checked(Glibc.socket(family, Int32(type), 0))
    }

    package func bind(_ descriptor: Int32, to address: ListenAddress) throws(SystemCallError) {
        switch address {
        case .tcp(let host, let port), .udp(let host, let port):
            var address = clinux_address(host, port: port)
            try check(clinux_bind(descriptor, &address))
        case .unix(let path):
            try check(clinux_bind_unix(descriptor, path))
        }
    }

    package func listen(_ descriptor: Int32, backlog: Int32) throws(SystemCallError) {
        try check(Glibc.listen(descriptor, backlog))
    }

    package func set(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(SystemCallError) {
        let (level, name) =
            switch option {
            case .reuseAddress: (SOL_SOCKET, SO_REUSEADDR)
            case .reusePort: (SOL_SOCKET, SO_REUSEPORT)
            case .onlyIPv6: (Int32(IPPROTO_IPV6), IPV6_V6ONLY)
            case .noDelay: (Int32(IPPROTO_TCP), TCP_NODELAY)
            case .keepAlive: (SOL_SOCKET, SO_KEEPALIVE)
            case .keepAliveIdle: (Int32(IPPROTO_TCP), TCP_KEEPIDLE)
            case .keepAliveInterval: (Int32(IPPROTO_TCP), TCP_KEEPINTVL)
            case .keepAliveCount: (Int32(IPPROTO_TCP), TCP_KEEPCNT)
            case .receiveBuffer: (SOL_SOCKET, SO_RCVBUF)
            }
        var value = value
        try check(setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)))
    }

    package func ignoreNewcomers(
        _ ignore: Bool,
        of descriptor: Int32,
        at address: ListenAddress
    ) throws(SystemCallError) {
        switch address {
        case .tcp:
            try check(ignore ? clinux_ignore_new_connections(descriptor) : clinux_heed_new_connections(descriptor))
        case .udp(let host, let port):
            var address = clinux_address(host, port: port)
            try check(ignore ? clinux_connect(descriptor, &address) : clinux_disconnect(descriptor))
        case .unix:
            throw SystemCallError(errno: EOPNOTSUPP)
        }
    }

    package func setNonBlocking(_ descriptor: Int32) throws(SystemCallError) {
        let flags = try checked(fcntl(descriptor, F_GETFL))
        if flags & O_NONBLOCK == 0 { try check(fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)) }
    }

    package func duplicate(_ descriptor: Int32) throws(SystemCallError) -> Int32 {
        try checked(fcntl(descriptor, F_DUPFD_CLOEXEC, 0))
    }

    package func accept(_ descriptor: Int32) throws(SystemCallError) -> Int32? {
        let accepted = clinux_accept(descriptor)
        guard accepted < 0 else { return accepted }
        let code = errno
        if code == EAGAIN || code == EWOULDBLOCK { return nil }
        throw SystemCallError(errno: code)
    }

    package func localAddress(
        of descriptor: Int32,
        boundTo address: ListenAddress
    ) throws(SystemCallError) -> ListenAddress {
        var bound = clinux_address()
        switch address {
        case .unix: return address
        case .tcp:
            try check(clinux_local_address(descriptor, &bound))
            return .tcp(bound.host, port: bound.port)
        case .udp:
            try check(clinux_local_address(descriptor, &bound))
            return .udp(bound.host, port: bound.port)
        }
    }

    package func listenAddress(of descriptor: Int32) throws(SystemCallError) -> ListenAddress? {
        let family = try option(SO_DOMAIN, of: descriptor)
        let isStream = try option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue)
        guard try option(SO_PROTOCOL, of: descriptor) == Self.protocolNumber(family, isStream: isStream) else {
            return nil
        }
        if isStream, try option(SO_ACCEPTCONN, of: descriptor) == 0 { return nil }
        if family == AF_UNIX {
            var path = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_un>.size + 1)
            try check(clinux_local_path(descriptor, &path, path.count))
            // Without a file, or in the abstract namespace.
            guard isStream, path[0] != 0 else { return nil }
            return .unix(path: String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
        }
        // One that also takes IPv4 is another address than any that a configuration can name.
        if family == AF_INET6, try option(IPV6_V6ONLY, level: Int32(IPPROTO_IPV6), of: descriptor) == 0 { return nil }
        var bound = clinux_address()
        try check(clinux_local_address(descriptor, &bound))
        guard bound.port != 0 else { return nil }
        return isStream ? .tcp(bound.host, port: bound.port) : .udp(bound.host, port: bound.port)
    }

    private static func protocolNumber(_ family: Int32, isStream: Bool) -> Int32? {
        switch family {
        case AF_INET, AF_INET6: Int32(isStream ? IPPROTO_TCP : IPPROTO_UDP)
        case AF_UNIX: 0
        default: nil
        }
    }

    private func option(
        _ name: Int32,
        level: Int32 = SOL_SOCKET,
        of descriptor: Int32
    ) throws(SystemCallError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try check(getsockopt(descriptor, level, name, &value, &length))
        return value
    }

    package func inode(of descriptor: Int32) throws(SystemCallError) -> UInt64 {
        var status = stat()
        try check(fstat(descriptor, &status))
        return UInt64(status.st_ino)
    }

    package func close(_ descriptor: Int32) {
        // Linux releases the descriptor even when close reports an error, so there is nothing to do about one.
        _ = Glibc.close(descriptor)
    }

    package func dismiss(_ descriptor: Int32, saying answer: [UInt8]) {
        if !answer.isEmpty {
            // A client that does not get its answer sees the end of the connection all the same.
            _ = answer.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
            shutdown(descriptor, Int32(SHUT_WR))
            // With bytes that nobody has read, closing is a reset, which takes the answer with it.
            // Once: whoever sends more than a head, or goes on, may lose it.
            var ignored = [UInt8](repeating: 0, count: 64 * 1024)
            recv(descriptor, &ignored, ignored.count, flags)
        }
        close(descriptor)
    }

    private var flags: Int32 { Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT) }

    package func placeholder() throws(SystemCallError) -> Int32 {
        try checked(open("/dev/null", O_RDONLY | O_CLOEXEC))
    }

    package func setMode(_ mode: UInt32, of descriptor: Int32) throws(SystemCallError) {
        try check(fchmod(descriptor, mode))
    }

    package func setMode(_ mode: UInt32, ofFile path: String) throws(SystemCallError) {
        try check(chmod(path, mode))
    }

    package func access(ofFile path: String) throws(SystemCallError) -> UnixAccess {
        var status = stat()
        try check(lstat(path, &status))
        return UnixAccess(mode: UInt32(status.st_mode & 0o7777), group: UInt32(status.st_gid))
    }

    package func setGroup(_ group: UInt32, ofFile path: String) throws(SystemCallError) {
        try check(lchown(path, .max, group))
    }

    package func file(at path: String) throws(SystemCallError) -> FileIdentity? {
        var status = stat()
        if lstat(path, &status) != 0 {
            let code = errno
            if code == ENOENT { return nil }
            throw SystemCallError(errno: code)
        }
        let isSocket = status.st_mode & S_IFMT == S_IFSOCK
        return FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino), isSocket: isSocket)
    }

    package func unlink(_ path: String) throws(SystemCallError) {
        try check(Glibc.unlink(path))
    }

    package func probe(_ path: String) throws(SystemCallError) {
        let descriptor = try socket(for: .unix(path: path))
        let result = clinux_connect_unix(descriptor, path)
        let code = errno
        close(descriptor)
        // EAGAIN: the listener's queue is full, so somebody listens.
        guard result == 0 || code == EAGAIN || code == EINPROGRESS else { throw SystemCallError(errno: code) }
    }

    package func text(ofFile path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    private func check(_ result: Int32) throws(SystemCallError) {
        _ = try checked(result)
    }

    private func checked(_ result: Int32) throws(SystemCallError) -> Int32 {
        guard result >= 0 else { throw SystemCallError(errno: errno) }
        return result
    }
}
