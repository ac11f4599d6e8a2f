import Glibc
import Processes
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SocketHolderTests {
    @Test func `the holder of a socket is named by pid and command`() throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var status = stat()
        try #require(fstat(descriptor, &status) == 0)
        let holder = try #require(SocketHolder.process(holding: UInt64(status.st_ino)))
        #expect(holder.pid == getpid())
        #expect(!holder.command.isEmpty && holder.command != "unknown")
    }

    @Test func `nobody holds a socket that does not exist`() {
        #expect(SocketHolder.process(holding: .max) == nil)
    }
}
