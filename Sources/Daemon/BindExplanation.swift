import Addresses
import ControlPlane
import Processes
import ServiceConfiguration
import Sockets

/// Turns a failed acquisition into the error that the reader of the configuration can act on.
struct BindExplanation: Sendable {
    /// The process that holds a socket, by the socket's inode.
    let holder: @Sendable (UInt64) -> ProcessIdentity?

    func error(for failure: BindFailure, in configuration: Configuration) -> LoadError {
        let specification = configuration.services.first { $0.name == failure.request.owner }
        let holder = failure.holderInode.flatMap(holder).map { LoadError.Holder(pid: $0.pid, command: $0.command) }
        return LoadError(
            kind: .bind,
            service: failure.request.owner,
            position: specification?.listen[failure.request.index].position,
            address: "\(failure.request.address)",
            errno: failure.errno,
            message: "cannot bind \(failure.request.address): \(ErrorText.of(failure.errno))",
            holder: holder
        )
    }

    func error(for failure: NextState.Failure, in configuration: Configuration) -> LoadError {
        if let bind = failure.error as? BindFailure { return error(for: bind, in: configuration) }
        return LoadError(
            kind: .preparation,
            service: failure.service.name,
            position: failure.service.position.position,
            message: "cannot prepare `\(failure.service.name)`: \(failure.error)"
        )
    }
}
