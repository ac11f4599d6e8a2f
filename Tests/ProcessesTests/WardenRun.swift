import Glibc
import NIOPosix
import Processes

/// A warden for one test, made of the rig beside the test bundle.
enum WardenRun {
    /// The folder of the built products.
    static var products: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    }

    static var rig: String { "\(products)/WardenRig" }

    /// Runs `body` with a warden, which is closed at the end.
    static func with<Value: Sendable>(_ body: (Warden) async throws -> Value) async throws -> Value {
        let warden = Warden(group: MultiThreadedEventLoopGroup.singleton, executable: rig)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(warden))
        } catch {
            result = .failure(error)
        }
        await warden.close()
        return try result.get()
    }

    /// Whether a fact comes to hold within ten seconds.
    static func comes(_ fact: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while try !fact() {
            guard ContinuousClock.now < deadline else { return false }
            poll(nil, 0, 2)
        }
        return true
    }

    /// Whether there is such a process, be it a zombie.
    static func exists(_ pid: Int32) -> Bool { kill(pid, 0) == 0 || errno != ESRCH }

    /// The parent of a process; nil when there is no such process.
    static func parent(of pid: Int32) -> Int32? {
        guard let text = text(of: "/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ")
        return fields.count > 2 ? Int32(fields[2]) : nil
    }

    static func text(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
