package import ServiceConfiguration

/// What is to run: what the file declares, without what was stopped by hand.
package struct Intent: Hashable, Sendable {
    /// What the file says.
    package var declared = Configuration()
    /// The services that were stopped by an order; they stay so until they are started by one, whatever is reloaded.
    package private(set) var held: Set<String> = []

    package init() {}

    /// The intent after a reload: a service that is no longer declared is not held either.
    package func declaring(_ configuration: Configuration) -> Intent {
        var next = self
        next.declared = configuration
        next.held.formIntersection(configuration.services.map(\.name))
        return next
    }

    /// The intent after services were stopped.
    package func holding(_ names: Set<String>) -> Intent {
        var next = self
        next.held.formUnion(names)
        return next
    }

    /// The intent after services were started, together with those that they require.
    package func releasing(_ names: Set<String>) -> Intent {
        let requires = Dictionary(uniqueKeysWithValues: declared.services.map { ($0.name, $0.requires) })
        var (wanted, open) = (names, Array(names))
        while let name = open.popLast() {
            for required in requires[name] ?? [] where wanted.insert(required).inserted { open.append(required) }
        }
        var next = self
        next.held.subtract(wanted)
        return next
    }

    /// The services that do not run: those that are held, and those that require one that does not run.
    package var absent: Set<String> {
        var absent = held
        // A service comes after those it requires.
        for service in declared.services where service.requires.contains(where: absent.contains) {
            absent.insert(service.name)
        }
        return absent
    }

    /// What is to run.
    package var effective: Configuration {
        let absent = absent
        guard !absent.isEmpty else { return declared }
        var configuration = declared
        configuration.services.removeAll { absent.contains($0.name) }
        for index in configuration.groups.indices {
            configuration.groups[index].children.removeAll { absent.contains($0) }
        }
        return configuration
    }

    /// The instances that a name means: an instance, all instances of a service, or the members of a group.
    ///
    /// - Returns: In the order of the file; empty when nothing has that name.
    package func services(named name: String) -> [String] {
        var (groups, members): ([String], Set<String>) = ([name], [])
        var seen: Set<String> = [name]
        while let group = groups.popLast() {
            for settings in declared.groups where settings.name == group || settings.name.hasPrefix(group + "@") {
                for child in settings.children {
                    members.insert(child)
                    if seen.insert(child).inserted { groups.append(child) }
                }
            }
        }
        return declared.services.map(\.name).filter {
            $0 == name || $0.hasPrefix(name + "@") || members.contains($0)
        }
    }
}
