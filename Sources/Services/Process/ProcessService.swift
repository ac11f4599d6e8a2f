import Glibc
package import Logging
package import NIOCore
import NIOPosix
package import Processes
package import ServiceConfiguration
package import Sockets
package import Supervision
import Synchronization

/// Runs a program as a service.
package final class ProcessService: ConfigurableService {
    private struct State {
        var specification: ServiceSpecification
        /// Of the present life; nil before the first.
        var mailbox: ProcessMailbox?
        /// Of the program, while it runs.
        var pid: Int32?
    }

    let warden: Warden
    let log: Logger
    private let listeners: ListenerTable
    private let group: any EventLoopGroup
    private let output: any LineReceiver
    private let state: Mutex<State>

    /// - Parameters:
    ///   - specification: The first settings; of the kind process.
    ///   - warden: Starts the program.
    ///   - listeners: Owns the listening sockets that the program gets.
    ///   - group: The event loops of its probes.
    ///   - log: Carries the service's name.
    ///   - output: Takes the lines that the program writes.
    package init(
        _ specification: ServiceSpecification,
        warden: Warden,
        listeners: ListenerTable,
        group: any EventLoopGroup,
        log: Logger,
        output: any LineReceiver
    ) {
        self.warden = warden
        self.listeners = listeners
        self.group = group
        self.log = log
        self.output = output
        state = Mutex(State(specification: specification))
    }

    package func prepare() async throws -> PreparedService {
        let specification = current
        let settings = Self.settings(of: specification)
        let request = try await resolve(specification, settings)
        let sockets = try passedSockets(specification)
        do throws(SpawnError) {
            try await warden.start()
        } catch {
            _ = sockets.close()
            throw PreparationError(at: specification.position.position, error.failureText)
        }
        return PreparedService(ProcessPreparation(request, sockets: sockets, service: self))
    }

    /// Looks for the user, the directory and the program, without sockets and without the warden.
    package func check() async throws {
        let specification = current
        _ = try await resolve(specification, Self.settings(of: specification))
    }

    /// Changes the checks and the stop of the running program; all other keys need a new program.
    package func apply(_ specification: ServiceSpecification, generation: UInt64) {
        let rules = ProcessRules(Self.settings(of: specification), watchdog: specification.watchdog)
        let mailbox = state.withLock { state in
            state.specification = specification
            return state.mailbox
        }
        mailbox?.send(.changed(rules))
    }

    package var details: ServiceDetails { ServiceDetails(pid: state.withLock { $0.pid }) }

    /// Notes which process the program is now; nil: none.
    func note(pid: Int32?) {
        state.withLock { $0.pid = pid }
    }

    /// Begins a life that hears of changes, and returns the rules that it begins with.
    func begin(_ mailbox: ProcessMailbox) -> ProcessRules {
        let specification = state.withLock { state in
            state.mailbox = mailbox
            return state.specification
        }
        return ProcessRules(Self.settings(of: specification), watchdog: specification.watchdog)
    }

    /// Makes the probes of a program; a command runs under the same conditions as the program itself.
    func probes(like request: SpawnRequest) -> ProbeRunner {
        ProbeRunner(group: group, command: CommandProbe(warden: warden, like: request))
    }

    /// In the order of the sockets.
    var socketNames: [String] {
        let specification = current
        return specification.listenRequests.map { request in
            let address = listeners.address(of: request) ?? request.address
            return SocketNames.name(of: address, fallback: specification.name)
        }
    }

    private var current: ServiceSpecification { state.withLock { $0.specification } }

    private func resolve(
        _ specification: ServiceSpecification,
        _ settings: ProcessSettings
    ) async throws -> SpawnRequest {
        let output = output
        let resolve: @Sendable () throws(PreparationError) -> SpawnRequest = { () throws(PreparationError) in
            let resolution = ProcessResolution(
                specification: specification,
                settings: settings,
                output: output,
                own: { getenv($0).map { String(cString: $0) } }
            )
            return try resolution.request()
        }
        // Only a user or group may have to be asked from a directory service, which must not hold up other tasks.
        guard settings.user != nil || settings.group != nil else { return try resolve() }
        return try await NIOThreadPool.singleton.runIfActive { try resolve() }
    }

    private func passedSockets(_ specification: ServiceSpecification) throws(PreparationError) -> PassedSockets {
        do throws(BindFailure) {
            return try listeners.passedSockets(for: specification.listenRequests)
        } catch {
            let index = error.request.index
            let position = specification.listen.indices.contains(index) ? specification.listen[index].position : nil
            throw PreparationError(
                at: position ?? specification.position.position,
                "cannot pass the socket \(error.request.address): \(String(cString: strerror(error.errno))); "
                    + "see whether it could be bound, or raise the limit of open files"
            )
        }
    }

    private static func settings(of specification: ServiceSpecification) -> ProcessSettings {
        guard case .process(let settings) = specification.kind else {
            preconditionFailure("a process service was given the settings of another kind")
        }
        return settings
    }
}
