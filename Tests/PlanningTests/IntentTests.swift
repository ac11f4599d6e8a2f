import Addresses
import Planning
import ServiceConfiguration
import Testing

/// What the file declares and what was stopped by hand.
@Suite(.timeLimit(.minutes(1)))
struct IntentTests {
    private static let place = SourcePosition(file: "services.yaml", line: 1, column: 1)

    private static func service(_ name: String, requires: String...) -> ServiceSpecification {
        var service = ServiceSpecification(name: name, at: place, kind: .echo, listen: [])
        service.requires = requires
        return service
    }

    private static let intent: Intent = {
        var configuration = Configuration()
        configuration.services = [
            service("a@0"), service("a@1"), service("b", requires: "a@0"), service("c", requires: "b"), service("d"),
        ]
        configuration.groups = [
            GroupSettings(name: "inner", at: place, children: ["a@0", "b"]),
            GroupSettings(name: "outer@0", at: place, children: ["inner", "d"]),
        ]
        return Intent().declaring(configuration)
    }()

    private func names(_ intent: Intent) -> [String] { intent.effective.services.map(\.name) }

    @Test func `what requires a service that was stopped does not run either`() {
        let held = Self.intent.holding(["a@0"])
        #expect(names(held) == ["a@1", "d"])
        #expect(held.effective.groups.map(\.children) == [[], ["inner", "d"]])
        #expect(held.absent == ["a@0", "b", "c"])
        #expect(names(held.releasing(["a@0"])) == ["a@0", "a@1", "b", "c", "d"])
    }

    @Test func `a service is started together with what it requires`() {
        #expect(names(Self.intent.holding(["a@0", "c"]).releasing(["b"])) == ["a@0", "a@1", "b", "d"])
    }

    @Test func `a reload leaves stopped what was stopped by hand, as long as it is declared`() {
        let held = Self.intent.holding(["d"])
        #expect(names(held.declaring(Self.intent.declared)) == ["a@0", "a@1", "b", "c"])
        let without = held.declaring(Configuration())
        #expect(names(without.declaring(Self.intent.declared)) == ["a@0", "a@1", "b", "c", "d"])
    }

    @Test(arguments: [
        ("a", ["a@0", "a@1"]), ("a@1", ["a@1"]), ("inner", ["a@0", "b"]), ("outer", ["a@0", "b", "d"]),
        ("outer@0", ["a@0", "b", "d"]), ("nobody", []), ("", []), ("@0", []), ("a@", []),
    ])
    func `a name means an instance, all instances, or the members of a group`(name: String, services: [String]) {
        #expect(Self.intent.services(named: name) == services)
    }

    @Test func `a service that is to restart gets a new instance although nothing of it changes`() {
        let configuration = Self.intent.declared
        let plan = Plan(from: configuration, to: configuration, restarting: ["b"])
        #expect(plan.entries.filter { $0.step == .restart }.map(\.service) == ["b"])
        #expect(!plan.isUnchanged)
    }
}
