import Sockets
import Supervision

/// A service that held listening sockets ends with the proof that they are closed.
extension Closed: Receipt {}
