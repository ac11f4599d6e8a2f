import ControlPlane
import Logging
import NIOCore
import Processes
import Sockets

/// What the composition root gives to the daemon's loop.
struct DaemonParts {
    var identity: DaemonIdentity
    var events: EventJournal
    /// The event loops of the services.
    var group: any EventLoopGroup
    /// The event loop of the tree, the signals and the programs.
    var control: any EventLoop
    var warden: Warden
    var notifier: SystemdNotifier
    /// The listening sockets that another process has left.
    var inherited: [InheritedSocket]
    /// The daemon whose place this one takes.
    var predecessor: Predecessor?
    /// Nil when nobody wants the files of the configuration to be watched.
    var watch: FileWatch?
    var sink: LogSink
    var log: Logger
    var feed: AsyncStream<DaemonLoop.Happening>.Continuation
}
