import CWarden
import Glibc

/// A request as bytes, in the layout of `cwarden_request`.
struct SpawnMessage {
    private(set) var bytes: [UInt8] = []

    /// - Throws: E2BIG for more than the kernel takes, EINVAL for a text with a NUL inside.
    init(_ request: SpawnRequest) throws(KernelError) {
        guard request.sockets.count <= Int(CWARDEN_SOCKET_LIMIT) else { throw KernelError(errno: E2BIG) }
        let environment = Self.environment(of: request)
        let identity = request.identity
        append(Self.flags(of: request))
        append(identity?.user ?? 0)
        append(identity?.group ?? 0)
        append(UInt32(identity?.supplementaryGroups.count ?? 0))
        append(UInt32(request.limits.count))
        append(UInt32(request.arguments.count))
        append(UInt32(environment.count))
        append(UInt32(request.sockets.count))
        for group in identity?.supplementaryGroups ?? [] { append(group) }
        for limit in request.limits {
            append(UInt32(Self.number(of: limit.resource)))
            append(UInt32(truncatingIfNeeded: limit.value))
            append(UInt32(truncatingIfNeeded: limit.value >> 32))
        }
        try append(request.program)
        try append(request.directory ?? "")
        for text in request.arguments { try append(text) }
        for text in environment { try append(text) }
        guard bytes.count <= Int(CWARDEN_REQUEST_LIMIT) else { throw KernelError(errno: E2BIG) }
    }

    private mutating func append(_ word: UInt32) {
        withUnsafeBytes(of: word) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ text: String) throws(KernelError) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        guard !bytes[start...].contains(0) else { throw KernelError(errno: EINVAL) }
        bytes.append(0)
    }

    /// The environment with what belongs to the protocols; NOTIFY_SOCKET and the two pids are added by the keeper.
    private static func environment(of request: SpawnRequest) -> [String] {
        var environment = request.environment
        func replace(_ name: String, _ value: String? = nil) {
            environment.removeAll { $0.hasPrefix("\(name)=") }
            if let value { environment.append("\(name)=\(value)") }
        }
        if request.notifies { replace("NOTIFY_SOCKET") }
        if !request.sockets.isEmpty {
            replace("LISTEN_PID")
            replace("LISTEN_FDS", "\(request.sockets.count)")
            replace("LISTEN_FDNAMES", request.sockets.map(\.name).joined(separator: ":"))
        }
        if request.notifies, let watchdog = request.watchdog {
            replace("WATCHDOG_PID")
            let (seconds, attoseconds) = watchdog.components
            replace("WATCHDOG_USEC", "\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)")
        }
        return environment
    }

    private static func flags(of request: SpawnRequest) -> UInt32 {
        var flags: Int32 = 0
        if request.directory != nil { flags |= CWARDEN_HAS_DIRECTORY }
        if request.identity != nil { flags |= CWARDEN_HAS_IDENTITY }
        switch request.output {
        case .lines: flags |= CWARDEN_HAS_OUTPUT | CWARDEN_OWNS_OUTPUT
        case .inherit: flags |= CWARDEN_HAS_OUTPUT
        case .null: break
        }
        if request.notifies { flags |= CWARDEN_NOTIFIES }
        if request.notifies, request.watchdog != nil { flags |= CWARDEN_WATCHES }
        return UInt32(flags)
    }

    private static func number(of resource: ResourceLimit.Resource) -> Int32 {
        switch resource {
        case .addressSpace: CWARDEN_ADDRESS_SPACE
        case .core: CWARDEN_CORE
        case .openFiles: CWARDEN_OPEN_FILES
        case .processes: CWARDEN_PROCESSES
        case .cpuSeconds: CWARDEN_CPU_SECONDS
        }
    }
}
