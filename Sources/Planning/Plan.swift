import Addresses
package import ServiceConfiguration

/// What has to happen so that the desired configuration runs, one step for each service.
///
/// Pure: made from two configurations, it touches nothing, so the same value answers "what would a reload do?".
package struct Plan: Hashable, Sendable {
    /// The step of one service, with the key paths that caused it.
    package struct Entry: Hashable, Sendable {
        package var service: String
        /// Where the service is defined; for `stop`, where it was.
        package var position: SourcePosition
        package var step: PlanStep
        /// Paths like `services.bridge.upstream`; empty for `keep`.
        package var causes: [String]
    }

    /// Services that stop, in the order of the running file, then every desired service in start order.
    package var entries: [Entry]
    /// The same for what the daemon itself listens on.
    package var endpoints: [Entry]
    /// What changes beside the services: `log.level`, `shutdown.drain`, `groups.browser.strategy`.
    package var settings: [String]

    /// - Parameters:
    ///   - running: What runs.
    ///   - desired: What is to run.
    ///   - restarting: Services that get a new instance although nothing of theirs changes.
    ///   - rebinding: Services and endpoints with an address that has to be bound anew.
    ///   - groups: The groups as they are declared, then and now: what is stopped by hand is missing in those that run.
    package init(
        from running: Configuration,
        to desired: Configuration,
        restarting: Set<String> = [],
        rebinding: Set<String> = [],
        groups: (running: [GroupSettings], desired: [GroupSettings])? = nil
    ) {
        let owners = AddressOwners(of: running)
        entries = Self.entries(from: running.services, to: desired.services, owners).map {
            restarting.contains($0.service) ? $0.restarting : $0
        }
        entries = entries.map { rebinding.contains($0.service) ? $0.rebinding : $0 }
        endpoints = Self.entries(from: running.endpoints, to: desired.endpoints, owners)
            .map { rebinding.contains($0.service) ? $0.rebinding : $0 }
        let groups = groups ?? (running.groups, desired.groups)
        settings =
            Self.changedSettings(from: running, to: desired)
            + ChangedGroups(from: groups.running, to: groups.desired).paths
    }

    private static func entries(
        from running: [ServiceSpecification],
        to desired: [ServiceSpecification],
        _ owners: AddressOwners
    ) -> [Entry] {
        let wanted = Set(desired.map(\.name))
        let present = Dictionary(uniqueKeysWithValues: running.map { ($0.name, $0) })
        let stops = running.filter { !wanted.contains($0.name) }.map {
            Entry(service: $0.name, position: $0.position.position, step: .stop, causes: ["services.\($0.keyName)"])
        }
        return stops + desired.map { Entry(from: present[$0.name], to: $0, owners: owners) }
    }

    /// True when nothing at all changes.
    package var isUnchanged: Bool {
        settings.isEmpty && (entries + endpoints).allSatisfy { $0.step == .keep }
    }

    /// How many services take `step`.
    package func count(of step: PlanStep) -> Int {
        entries.count { $0.step == step }
    }

    private static func listen(of kind: EndpointKind, in configuration: Configuration) -> [Located<ListenAddress>]? {
        configuration.endpoints.first { $0.name == kind.name }?.listen
    }

    private static func changedSettings(from running: Configuration, to desired: Configuration) -> [String] {
        var changed: [String] = []
        if running.log.level != desired.log.level { changed.append("log.level") }
        if running.log.format != desired.log.format { changed.append("log.format") }
        if running.shutdown.delay != desired.shutdown.delay { changed.append("shutdown.delay") }
        if running.shutdown.drain != desired.shutdown.drain { changed.append("shutdown.drain") }
        // The default of the control socket is a value like any other: to name it in the file changes nothing.
        if listen(of: .control(group: nil), in: running) != listen(of: .control(group: nil), in: desired) {
            changed.append("control.socket")
        }
        if running.control.group != desired.control.group { changed.append("control.group") }
        if running.status != desired.status { changed.append("status.listen") }
        return changed
    }
}
