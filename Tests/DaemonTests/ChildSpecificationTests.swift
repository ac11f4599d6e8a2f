import Addresses
import ControlPlane
import ServiceConfiguration
import Services
import Sockets
import Supervision
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(1)))
struct ChildSpecificationTests {
    private static let position = SourcePosition(file: "services.yaml", line: 1, column: 1)

    private struct Idle: Service {
        func prepare() async throws -> PreparedService { throw CancellationError() }
    }

    private static func process() -> ServiceSpecification {
        var process = ProcessSettings(program: Located("/bin/true", at: position), arguments: [])
        process.stopTimeout = .seconds(4)
        return ServiceSpecification(name: "job", at: position, kind: .process(process), listen: [])
    }

    private static func echo() -> ServiceSpecification {
        let listen = Located(ListenAddress.tcp(.v4(0x7f00_0001), port: 7), at: position)
        return ServiceSpecification(name: "echo", at: position, kind: .echo, listen: [listen])
    }

    private func child(_ specification: ServiceSpecification) -> ChildSpecification {
        ChildSpecification(id: ChildID(name: "x", generation: 1), of: specification, service: Idle())
    }

    @Test func `two processes of one service never run at once, and the tree leaves the kill to the service`() {
        let child = child(Self.process())
        #expect(child.replacement == .afterStop)
        #expect(child.drain == .seconds(5))
    }

    @Test func `a service in this process is ready before its older generation stops`() {
        let child = child(Self.echo())
        #expect(child.replacement == .overlapping)
        #expect(child.drain == .seconds(10))
    }

    @Test(arguments: GroupSettings.Strategy.allCases)
    func `a group keeps its strategy, intensity and order`(strategy: GroupSettings.Strategy) {
        var settings = GroupSettings(name: "browser@0", at: Self.position, children: ["bridge@0", "chrome@0"])
        settings.strategy = strategy
        settings.intensity = 7
        settings.period = .seconds(9)
        let group = GroupSpecification(settings)
        #expect(group.strategy.rawValue == strategy.rawValue)
        #expect(group.name == "browser@0" && group.members == ["bridge@0", "chrome@0"])
        #expect(group.intensity == 7 && group.period == .seconds(9))
    }

    @Test func `the sockets of a service that is not essential may be absent`() {
        var echo = Self.echo()
        #expect(echo.listenRequests.map(\.isOptional) == [false])
        echo.essential = false
        #expect(echo.listenRequests.map(\.isOptional) == [true])
    }

    @Test func `a process needs descriptors for its keeper, its probes and its output`() {
        var configuration = Configuration()
        let none = DescriptorNeed(of: configuration).count
        configuration.services = [Self.process()]
        let one = DescriptorNeed(of: configuration).count
        configuration.services.append(Self.process())
        let two = DescriptorNeed(of: configuration).count
        #expect(two - one == 4, "a socket, a probe, two pipes")
        #expect(one - none == 5, "and the socket to the warden")
        #expect(DescriptorNeed(of: configuration).error(limit: two, file: "f") == nil)
        #expect(DescriptorNeed(of: configuration).error(limit: two - 1, file: "f")?.kind == .descriptors)
    }
}
