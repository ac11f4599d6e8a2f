import Logging
import ServiceLifecycle
import Supervision

/// Runs a service written for swift-service-lifecycle as a child: a request to stop is its graceful shutdown.
struct LifecycleChild: Supervision.Service {
    let make: @Sendable () -> any ServiceLifecycle.Service

    /// Each life has a service of its own, so that nothing of a crash is left over.
    func prepare() async throws -> PreparedService {
        PreparedService(LifecyclePreparation(service: make()))
    }
}

/// A service that holds nothing before it runs.
struct LifecyclePreparation: ~Copyable, Preparation {
    let service: any ServiceLifecycle.Service

    consuming func run(_ lifetime: consuming Lifetime) async -> Exit {
        let group = ServiceGroup(services: [service], logger: Logger(label: "lifecycle"))
        let view = lifetime.view
        lifetime.ready()
        let failure = await Self.serve(group, until: view)
        let stopped = lifetime.end(with: Nothing())
        if let failure { return .crashed(stopped, failure) }
        return .normal(stopped)
    }

    consuming func discard() async {}

    private static func serve(_ group: ServiceGroup, until view: LifetimeView) async -> (any Error)? {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask {
                await view.stopRequested()
                await group.triggerGracefulShutdown()
            }
            defer { tasks.cancelAll() }
            do {
                try await group.run()
                return nil
            } catch {
                return error
            }
        }
    }
}
