import Addresses

/// One socket of the listener table.
struct OwnedListener {
    enum State {
        /// Left by another process, and claimed or closed by the first commit; until then it is still the other one's.
        case inherited
        /// Bound by a staging that is not decided yet.
        case staged
        /// An address of the committed configuration.
        case owned
        /// Not wanted any more; open until its services have accepted its queue.
        case retired
    }

    var id: UInt64
    var descriptor: Int32
    var inode: UInt64
    /// The address with the port that the kernel chose.
    var address: ListenAddress
    /// The file of a unix socket, as it was when it was bound.
    var file: FileIdentity?
    var access: UnixAccess
    var state: State
    /// How many sets of duplicates are in use.
    var users = 0
    /// True while another socket may be bound to an overlapping address beside this one.
    var sharesPort = false
    /// True while new connection attempts are dropped, or new datagrams left to another socket.
    var ignoresNewcomers = false
    /// True when another process goes on with it.
    var isLeft = false
    /// The last service that began to read a UDP socket.
    var reader: ReadingTurn?
}
