import NIOCore
import Sockets
import Supervision

/// The daemon whose place this one takes; it goes on until it is told that this one serves.
struct Predecessor: Sendable {
    private let link: HandoverLink
    /// None of its programs runs any more, so this one may start its own.
    let hasNoPrograms: Signal

    /// Takes the link out of what was passed; nil when there is none.
    static func open(_ passed: inout [InheritedSocket], on loop: any EventLoop) async throws -> Predecessor? {
        guard let index = passed.firstIndex(where: { $0.name == Successor.linkName }) else { return nil }
        let descriptor = passed.remove(at: index).descriptor
        let signal = Signal()
        let link = try await HandoverLink.open(descriptor, on: loop) {
            signal.fire()
        } ended: {
            signal.fire()
        }
        return Predecessor(link: link, hasNoPrograms: signal)
    }

    /// Lets it end what it has begun.
    func takeOver() { link.say() }

    func close() async { await link.close() }
}
