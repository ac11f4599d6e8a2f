import CWarden
import Glibc

/// The descriptors of one start: the ends that are sent, and those that stay here.
struct SpawnDescriptors: ~Copyable {
    private var descriptors: [Int32] = []
    /// With the caller's sockets at the end.
    private(set) var sent: [Int32] = []
    private(set) var keeper: Int32 = -1
    /// The pipes of standard output and standard error.
    private(set) var pipes: [Int32] = []

    init(_ message: SpawnMessage, of request: SpawnRequest) throws(KernelError) {
        let memory = message.bytes.withUnsafeBytes { cwarden_memory($0.baseAddress, $0.count) }
        guard memory >= 0 else { throw KernelError(errno: errno) }
        descriptors.append(memory)
        let (mine, theirs) = try pair(cwarden_socket_pair)
        keeper = mine
        sent = [memory, theirs]
        switch request.output {
        case .lines:
            for _ in 0..<2 {
                let (read, write) = try pair(cwarden_pipe)
                pipes.append(read)
                sent.append(write)
            }
        case .inherit: sent += [STDOUT_FILENO, STDERR_FILENO]
        case .null: break
        }
        sent += request.sockets.map(\.descriptor)
    }

    private mutating func pair(_ make: (UnsafeMutablePointer<Int32>?) -> Int32) throws(KernelError) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        let error = ends.withUnsafeMutableBufferPointer { make($0.baseAddress) }
        guard error == 0 else { throw KernelError(errno: error) }
        descriptors += ends
        return (ends[0], ends[1])
    }

    /// Leaves a descriptor to its new owner.
    mutating func release(_ descriptor: Int32) {
        descriptors.removeAll { $0 == descriptor }
    }

    /// Closes the ends that are sent, so that the end of the keeper and of its program shows at the others.
    mutating func closeSent() {
        for descriptor in sent where descriptors.contains(descriptor) {
            close(descriptor)
            release(descriptor)
        }
        sent = []
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
