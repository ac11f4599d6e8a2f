package import Addresses

/// The one door to the kernel through which the listener table acts, so that a test can fail each single call.
package protocol SocketCalls: Sendable {
    /// A new socket for the family of `address`, of datagrams or a stream, close-on-exec and non-blocking.
    func socket(for address: ListenAddress) throws(SystemCallError) -> Int32
    func bind(_ descriptor: Int32, to address: ListenAddress) throws(SystemCallError)
    func listen(_ descriptor: Int32, backlog: Int32) throws(SystemCallError)
    func set(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(SystemCallError)
    /// Makes a socket ignore who comes new, or not any more.
    ///
    /// A listening TCP socket drops new connection attempts. A UDP socket leaves new datagrams to the socket of an
    /// overlapping address; what waits in it stays.
    func ignoreNewcomers(_ ignore: Bool, of descriptor: Int32, at address: ListenAddress) throws(SystemCallError)
    /// Makes a socket non-blocking, for every process that has a descriptor of it.
    func setNonBlocking(_ descriptor: Int32) throws(SystemCallError)
    /// A second descriptor of the same socket, close-on-exec.
    func duplicate(_ descriptor: Int32) throws(SystemCallError) -> Int32
    /// The next connection, close-on-exec and non-blocking; nil when the queue is empty.
    func accept(_ descriptor: Int32) throws(SystemCallError) -> Int32?
    func localAddress(of descriptor: Int32, boundTo address: ListenAddress) throws(SystemCallError) -> ListenAddress
    /// Where a socket listens that another process has made; nil when it is none of this table's kinds.
    func listenAddress(of descriptor: Int32) throws(SystemCallError) -> ListenAddress?
    func inode(of descriptor: Int32) throws(SystemCallError) -> UInt64
    func close(_ descriptor: Int32)
    /// Sends a few bytes to a connection that was just accepted and closes it, as far as that needs no waiting.
    func dismiss(_ descriptor: Int32, saying answer: [UInt8])
    /// A descriptor that stands for nothing but its place in the descriptor table.
    func placeholder() throws(SystemCallError) -> Int32

    /// The mode of the file that `bind` will make for a unix socket.
    func setMode(_ mode: UInt32, of descriptor: Int32) throws(SystemCallError)
    func setMode(_ mode: UInt32, ofFile path: String) throws(SystemCallError)
    /// The mode and group of a file.
    func access(ofFile path: String) throws(SystemCallError) -> UnixAccess
    func setGroup(_ group: UInt32, ofFile path: String) throws(SystemCallError)
    /// What `path` itself names, not what a symbolic link there points to; nil when there is nothing.
    func file(at path: String) throws(SystemCallError) -> FileIdentity?
    func unlink(_ path: String) throws(SystemCallError)
    /// Connects to a unix socket and closes again; throws when nobody listens.
    func probe(_ path: String) throws(SystemCallError)

    /// The content of a file below /proc, or nil when it cannot be read.
    func text(ofFile path: String) -> String?
}
