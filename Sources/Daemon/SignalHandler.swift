import CLinux
import Glibc
import NIOCore

/// Turns the records of a signalfd (signalfd(2)) into events of the daemon.
final class SignalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let yield: (DaemonCore.Event) -> Void
    /// Called when a child has ended.
    private let reap: () -> Void
    private var pending = ByteBuffer()

    init(yield: @escaping (DaemonCore.Event) -> Void, reap: @escaping () -> Void) {
        self.yield = yield
        self.reap = reap
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        pending.writeBuffer(&buffer)
        while let record = pending.readSlice(length: Int(clinux_signalfd_record_size)) {
            // The record starts with ssi_signo, a 32-bit number in the machine's byte order.
            guard let number = record.getInteger(at: record.readerIndex, endianness: .host, as: UInt32.self) else {
                return
            }
            if number == SIGCHLD { reap() }
            if let event = Self.event(of: Int32(number)) { yield(event) }
        }
        pending.discardReadBytes()
    }

    private static func event(of number: Int32) -> DaemonCore.Event? {
        switch number {
        case SIGHUP: .hangUp
        case SIGTERM, SIGINT: .terminate
        case SIGUSR1: .reportStatus
        case SIGUSR2: .replace
        default: nil
        }
    }
}
