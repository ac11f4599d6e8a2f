import Addresses
import ControlPlane
import Processes
import ServiceConfiguration
import Services
import Sockets

/// Turns a failed acquisition into the error that the reader of the configuration can act on.
struct AcquisitionExplanation: Sendable {
    /// The process that holds a socket, by the socket's inode.
    let holder: @Sendable (UInt64) -> ProcessIdentity?

    func error(for failure: BindFailure, in configuration: Configuration) -> LoadError {
        error(
            for: failure,
            of: (configuration.services + configuration.endpoints).first { $0.name == failure.request.owner }
        )
    }

    private func error(for failure: BindFailure, of specification: ServiceSpecification?) -> LoadError {
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

    func error(for failure: PoolFailure) -> LoadError {
        LoadError(
            kind: .allocation,
            service: failure.service,
            position: failure.pool.position.position,
            message: "\(failure)"
        )
    }

    func error(for question: ProbeQuestion, _ reason: String) -> LoadError {
        LoadError(
            kind: .probe,
            service: question.service,
            position: question.position,
            message: "cannot use the upstream `\(question.upstreamID)` for `\(question.service)`: \(reason)"
        )
    }

    func error(for failure: NextState.Failure) -> LoadError {
        let name = failure.service.name
        switch failure.error {
        case let bind as BindFailure:
            return error(for: bind, of: failure.service)
        case let missing as PreparationError:
            return LoadError(kind: .preparation, service: name, position: missing.position, message: missing.message)
        default:
            return LoadError(
                kind: .preparation,
                service: name,
                position: failure.service.position.position,
                message: "cannot prepare `\(name)`: \(failure.error)"
            )
        }
    }
}
