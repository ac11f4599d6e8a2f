import Addresses
import Planning
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ProcessPlanTests {
    private static let place = SourcePosition(file: "services.yaml", line: 1, column: 1)

    /// One key of a process with another value.
    enum Change: String, CaseIterable {
        case command
        case arguments
        case directory
        case environment
        case user
        case group
        case ready
        case limits
        case output
        case sockets
        case watchdog
        case stopSignal = "stop_signal"
        case stopTimeout = "stop_timeout"
        case successExitCodes = "success_exit_codes"
        case health
        case requires
        case restart
        case essential

        var isLive: Bool {
            switch self {
            case .command, .arguments, .directory, .environment, .user, .group, .ready, .limits, .output, .sockets,
                .watchdog:
                false
            case .stopSignal, .stopTimeout, .successExitCodes, .health, .requires, .restart, .essential: true
            }
        }

        var key: String { self == .arguments ? "command" : rawValue }

        func apply(to service: inout ServiceSpecification, _ settings: inout ProcessSettings) {
            switch self {
            case .command: settings.program.value = "new"
            case .arguments: settings.arguments = [Secret("new-canary")]
            case .directory: settings.directory = Located("/new", at: ProcessPlanTests.place)
            case .environment: settings.environment["A"] = Secret("new-canary")
            case .user: settings.user = Located("new", at: ProcessPlanTests.place)
            case .group: settings.group = Located("new", at: ProcessPlanTests.place)
            case .ready: settings.ready.fact = .notify
            case .limits: settings.limits.core = 0
            case .output: settings.output = .null
            case .sockets:
                service.listen = [Located(.tcp(.v4(0x7f00_0001), port: 7), at: ProcessPlanTests.place)]
            case .watchdog: service.watchdog = .seconds(1)
            case .stopSignal: settings.stopSignal = 2
            case .stopTimeout: settings.stopTimeout = .seconds(1)
            case .successExitCodes: settings.successExitCodes = [0, 1]
            case .health: settings.health = HealthSettings(check: .tcp(.unix(path: "/x")))
            case .requires: service.requires = ["x"]
            case .restart: service.restart.intensity = 1
            case .essential: service.essential = false
            }
        }
    }

    private static func configuration(_ change: Change?) -> Configuration {
        var settings = ProcessSettings(program: Located("x", at: place), arguments: [Secret("old-canary")])
        var service = ServiceSpecification(name: "p@0", at: place, kind: .process(settings), listen: [])
        change?.apply(to: &service, &settings)
        service.kind = .process(settings)
        var configuration = Configuration()
        configuration.services = [service]
        return configuration
    }

    @Test(arguments: Change.allCases)
    func `what a program is started with restarts it, everything else is live`(change: Change) {
        let plan = Plan(from: Self.configuration(nil), to: Self.configuration(change))
        #expect(plan.entries.map(\.causes) == [["services.p.\(change.key)"]])
        #expect(plan.entries.map(\.step) == [change.isLive ? .apply : .restart])
        #expect(!String(reflecting: plan).contains("canary"))
    }

    @Test func `an equal process is kept`() {
        #expect(Plan(from: Self.configuration(nil), to: Self.configuration(nil)).isUnchanged)
    }

    @Test func `a process inherits the socket of a service that goes`() {
        var old = Configuration()
        let address = Located(ListenAddress.tcp(.v4(0x7f00_0001), port: 7), at: Self.place)
        old.services = [ServiceSpecification(name: "echo", at: Self.place, kind: .echo, listen: [address])]
        let plan = Plan(from: old, to: Self.configuration(.sockets))
        #expect(plan.entries.map(\.step) == [.stop, .adopt])
    }

    @Test func `a bridge takes another pool while it runs`() {
        func configuration(_ hosts: String...) -> Configuration {
            let members = hosts.map { UpstreamProxy(id: "p", host: $0, port: 1, credential: nil) }
            let pool = PoolSettings(name: "p", at: Self.place, allocation: .shared, members: members)
            let kind = ServiceKind.proxyBridge(BridgeSettings(upstream: .pool(pool)))
            var configuration = Configuration()
            configuration.services = [ServiceSpecification(name: "b", at: Self.place, kind: kind, listen: [])]
            return configuration
        }
        let plan = Plan(from: configuration("a", "b"), to: configuration("a", "c"))
        #expect(plan.entries.map(\.step) == [.apply])
        #expect(plan.entries.map(\.causes) == [["services.b.upstream"]])
    }
}
