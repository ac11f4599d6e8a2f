import CWarden
import NIOCore

/// A `cwarden_record`.
struct KeeperRecord {
    enum Event {
        case hello(Int32)
        case started(Int32)
        case failed(step: Int32, errno: Int32)
        case happened(ProcessEvent)
        case exited(ExitStatus)
        case gone
        case unknown
    }

    var kind: Int32
    var value: Int32
    var error: Int32

    /// What a keeper says.
    var event: Event {
        switch kind {
        case CWARDEN_HELLO: .hello(value)
        case CWARDEN_STARTED: .started(value)
        case CWARDEN_FAILED: .failed(step: value, errno: error)
        case CWARDEN_READY: .happened(.ready)
        case CWARDEN_WATCHDOG: .happened(.watchdog)
        case CWARDEN_TRIGGER: .happened(.watchdogTrigger)
        case CWARDEN_EXITED: .exited(ExitStatus(waitStatus: value))
        case CWARDEN_GONE: .gone
        default: .unknown
        }
    }

    static func signal(_ number: Int32) -> KeeperRecord { KeeperRecord(kind: CWARDEN_SIGNAL, value: number, error: 0) }

    static var kill: KeeperRecord { KeeperRecord(kind: CWARDEN_KILL, value: 0, error: 0) }

    var bytes: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMultipleIntegers(kind, value, error, endianness: .host)
        return buffer
    }
}
