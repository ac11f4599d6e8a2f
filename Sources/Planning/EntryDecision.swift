import ServiceConfiguration

extension Plan.Entry {
    /// The same for a service that is to have a new instance in any case.
    var restarting: Plan.Entry {
        var entry = self
        switch step {
        case .keep, .apply: entry.step = .restart
        case .adopt, .restart, .start, .stop: break
        }
        return entry
    }

    /// The same for a service with an address that has to be bound anew.
    var rebinding: Plan.Entry {
        var entry = restarting
        if step == .keep { entry.causes.append("services.\(service.prefix { $0 != "@" }).listen") }
        return entry
    }

    /// Decides the step of one desired service.
    init(from present: ServiceSpecification?, to desired: ServiceSpecification, owners: AddressOwners) {
        service = desired.name
        position = desired.position.position
        guard let present else {
            step = owners.mustHandOver(to: desired) ? .adopt : .start
            causes = ["services.\(desired.keyName)"]
            return
        }
        let changed = present.changedKeys(to: desired)
        causes = changed.map { "services.\(desired.keyName).\($0.name)" }
        if changed.isEmpty {
            step = .keep
        } else if changed.allSatisfy(\.isLive) {
            step = .apply
        } else {
            step = owners.mustHandOver(to: desired) ? .adopt : .restart
        }
    }
}
