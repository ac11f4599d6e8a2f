import Addresses
import Planning
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PlanTests {
    private static func echo(_ name: String, _ ports: UInt16...) -> ServiceSpecification {
        service(name, .echo, ports)
    }

    private static func service(_ name: String, _ kind: ServiceKind, _ ports: [UInt16]) -> ServiceSpecification {
        let place = SourcePosition(file: "services.yaml", line: 1, column: 1)
        return ServiceSpecification(
            name: name,
            at: place,
            kind: kind,
            listen: ports.map { Located(.tcp(.v4(0x7f00_0001), port: $0), at: place) }
        )
    }

    private static func bridge(_ name: String, password: String) -> ServiceSpecification {
        let credential = Credential(username: Secret("alice"), password: Secret(password))
        let upstream = UpstreamProxy(id: "office", host: "127.0.0.1", port: 3128, credential: credential)
        return service(name, .proxyBridge(BridgeSettings(upstream: .proxy(upstream))), [8888])
    }

    private static func configuration(_ services: ServiceSpecification...) -> Configuration {
        var configuration = Configuration()
        configuration.services = services
        return configuration
    }

    private func steps(_ plan: Plan) -> [String] {
        plan.entries.map { "\($0.service) \($0.step.rawValue) \($0.causes.joined(separator: " "))" }
    }

    @Test func `an equal configuration changes nothing, wherever its lines stand`() {
        var moved = Self.echo("a", 7)
        moved.position = Located("a", at: SourcePosition(file: "other.yaml", line: 9, column: 3))
        let plan = Plan(from: Self.configuration(Self.echo("a", 7)), to: Self.configuration(moved))
        #expect(plan.isUnchanged)
        #expect(steps(plan) == ["a keep "])
    }

    @Test func `a change of where the daemon answers is named by its key`() {
        let place = SourcePosition(file: "services.yaml", line: 1, column: 1)
        func configuration(_ socket: String, group: UInt32?, status port: UInt16?) -> Configuration {
            var configuration = Self.configuration(Self.echo("a", 7))
            configuration.control.group = group.map { Located($0, at: place) }
            configuration.status = port.map { StatusSettings(listen: Located(.tcp(.v4(0), port: $0), at: place)) }
            let listen = Located(ListenAddress.unix(path: socket), at: place)
            let kind = EndpointKind.control(group: group)
            var endpoint = ServiceSpecification(name: kind.name, at: place, kind: .endpoint, listen: [listen])
            endpoint.endpoint = kind
            configuration.endpoints = [endpoint]
            return configuration
        }
        let running = configuration("/a", group: nil, status: nil)
        for (desired, settings) in [
            (running, []), (configuration("/b", group: nil, status: nil), ["control.socket"]),
            (configuration("/a", group: 7, status: 80), ["control.group", "status.listen"]),
        ] {
            #expect(Plan(from: running, to: desired).settings == settings)
        }
    }

    @Test func `services come and go`() {
        let plan = Plan(from: Self.configuration(Self.echo("a", 7)), to: Self.configuration(Self.echo("b", 8)))
        #expect(steps(plan) == ["a stop services.a", "b start services.b"])
    }

    @Test func `two services that swap their ports adopt each other's sockets`() {
        let plan = Plan(
            from: Self.configuration(Self.echo("a", 7), Self.echo("b", 8)),
            to: Self.configuration(Self.echo("a", 8), Self.echo("b", 7))
        )
        #expect(steps(plan) == ["a adopt services.a.listen", "b adopt services.b.listen"])
    }

    @Test func `a renamed service adopts the address of its old name`() {
        let plan = Plan(from: Self.configuration(Self.echo("a", 7)), to: Self.configuration(Self.echo("b", 7)))
        #expect(steps(plan) == ["a stop services.a", "b adopt services.b"])
    }

    @Test func `ports that the kernel chooses are never handed over`() {
        let plan = Plan(from: Self.configuration(Self.echo("a", 0)), to: Self.configuration(Self.echo("b", 0)))
        #expect(steps(plan) == ["a stop services.a", "b start services.b"])
    }

    @Test func `a new port of its own restarts a service`() {
        let plan = Plan(from: Self.configuration(Self.echo("a", 7)), to: Self.configuration(Self.echo("a", 7, 9)))
        #expect(steps(plan) == ["a restart services.a.listen"])
    }

    @Test func `a changed credential is applied live and its value is not part of the plan`() {
        let plan = Plan(
            from: Self.configuration(Self.bridge("bridge@1", password: "old-canary")),
            to: Self.configuration(Self.bridge("bridge@1", password: "new-canary"))
        )
        #expect(steps(plan) == ["bridge@1 apply services.bridge.upstream"])
        #expect(!String(reflecting: plan).contains("canary"))
    }

    @Test func `another type restarts, also on the same address`() {
        let plan = Plan(
            from: Self.configuration(Self.service("a", .echo, [8888])),
            to: Self.configuration(Self.bridge("a", password: "x"))
        )
        #expect(steps(plan) == ["a restart services.a.type"])
    }

    /// One common key with another value.
    enum Change: String, CaseIterable {
        case requires
        case restart
        case essential
        case drain
        case maxConnections = "max_connections"
        case idleTimeout = "idle_timeout"
        case watchdog

        func apply(to service: inout ServiceSpecification) {
            switch self {
            case .requires: service.requires = ["x"]
            case .restart: service.restart.intensity = 1
            case .essential: service.essential = false
            case .drain: service.drain = .seconds(1)
            case .maxConnections: service.maxConnections = 1
            case .idleTimeout: service.idleTimeout = .seconds(1)
            case .watchdog: service.watchdog = .seconds(1)
            }
        }
    }

    @Test(arguments: Change.allCases)
    func `every common key is live`(change: Change) {
        var changed = Self.echo("a", 7)
        change.apply(to: &changed)
        let plan = Plan(from: Self.configuration(Self.echo("a", 7)), to: Self.configuration(changed))
        #expect(steps(plan) == ["a apply services.a.\(change.rawValue)"])
    }

    @Test func `settings of the daemon are part of the plan`() {
        var changed = Configuration()
        changed.log.level = .debug
        changed.log.format = .json
        changed.shutdown.delay = .seconds(1)
        changed.shutdown.drain = .seconds(1)
        let plan = Plan(from: Configuration(), to: changed)
        #expect(plan.settings == ["log.level", "log.format", "shutdown.delay", "shutdown.drain"])
        #expect(!plan.isUnchanged)
    }
}
