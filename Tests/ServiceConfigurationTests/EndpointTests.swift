import Addresses
import ServiceConfiguration
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EndpointTests {
    private static let services = "services: {e: {type: echo, listen: 127.0.0.1:7}}\n"

    private func endpoints(_ text: String, _ environment: [String: String] = [:]) throws -> [ServiceSpecification] {
        let surroundings = Surroundings(
            variable: { environment[$0] },
            file: { _ in .failure(.init("no such file or directory")) },
            source: { _ in .failure(.init("no such file or directory")) },
            names: { _ in .success(nil) },
            groupNumber: { ["operators": 4_242][$0] },
            userID: 7
        )
        let source = Reading.source(Self.services + text, file: "services.yaml")
        let outcome = ConfigurationReader(surroundings: surroundings).read(source).outcome
        guard case .accepted(let configuration) = outcome else {
            Issue.record("\(outcome)")
            throw Reading.Rejected()
        }
        return configuration.endpoints
    }

    @Test
    func `the control socket is always there, and its default may be missing`() throws {
        let endpoints = try endpoints("", ["XDG_RUNTIME_DIR": "/run/user/7"])
        #expect(endpoints.map(\.name) == ["@control"])
        #expect(endpoints[0].listen.map(\.value) == [.unix(path: "/run/user/7/supervisor/control.sock")])
        #expect(endpoints[0].endpoint == .control(group: nil) && !endpoints[0].essential)
        #expect(endpoints[0].maxConnections == 256)
    }

    @Test
    func `a socket that the file names has its place in the file`() throws {
        let endpoints = try endpoints(
            "control: {socket: '${env:DIR}/c.sock', group: operators}\nstatus: {listen: '[::1]:9901'}",
            ["DIR": "/run/s"]
        )
        #expect(endpoints.map(\.name) == ["@control", "@status"])
        #expect(endpoints[0].listen.map(\.value) == [.unix(path: "/run/s/c.sock")])
        #expect(endpoints[0].listen.map(\.position.description) == ["services.yaml:2:19"])
        #expect(endpoints[0].endpoint == .control(group: 4_242) && endpoints[0].essential)
        #expect(endpoints[1].listen.map(\.value.description) == ["[::1]:9901"])
        #expect(endpoints[1].endpoint == .status && endpoints[1].essential && endpoints[1].maxConnections == 64)
    }

    @Test(arguments: [("27", 27), ("0", 0), ("operators", 4_242)])
    func `a group is a name or a number`(text: String, number: UInt32) throws {
        #expect(try endpoints("control: {group: '\(text)'}")[0].endpoint == .control(group: number))
    }

    @Test(arguments: [
        ("control: {socket: run/s}", "2:19: cannot use `run/s` for `socket`: write an absolute path, without `unix:`"),
        ("control: {socket: 'unix:/a'}", "2:19: cannot use `unix:/a` for `socket`: write an absolute path"),
        ("control: {socket: /a/../b}", "2:19: cannot use `/a/../b` for `socket`: write the path without empty parts"),
        ("control: {group: nobodies}", "2:18: cannot find the group `nobodies` on this machine: write the name"),
        ("control: {group: 4294967295}", "2:18: cannot find the group `4294967295`"),
        ("control: {socket: }", "2:19: cannot leave `socket` empty"),
        ("control: none", "2:10: cannot use a plain value for `control`: write a mapping of keys"),
        ("status: {}", "2:9: cannot use `status` without `listen`"),
        ("status: {listen: 'udp:127.0.0.1:9'}", "2:18: cannot listen on `udp:127.0.0.1:9`: the status page is HTTP"),
        ("status: {listen: 'example.org:9'}", "2:18: cannot listen on `example.org:9`: the host must be"),
        (
            "status: {listen: 127.0.0.1:7}",
            "1:36: cannot listen on 127.0.0.1:7 for `e`: `status.listen` listens there at etc/services.yaml:2:18"
        ),
        (
            "control: {socket: /run/x}\nstatus: {listen: 'unix:/run/x'}",
            "3:18: cannot listen on unix:/run/x for `status.listen`: `control.socket` listens there at"
        ),
    ])
    func `what is wrong is said at its place`(text: String, message: String) {
        let diagnostics = Reading.diagnostics(Self.services + text)
        #expect(diagnostics.count == 1 && diagnostics.first?.hasPrefix(message) == true, "\(diagnostics)")
    }

    @Test(arguments: [
        ("127.0.0.1:1", false), ("'[::1]:1'", false), ("unix:/run/s", false), ("0.0.0.0:1", true), ("'[::]:1'", true),
        ("192.0.2.1:1", true),
    ])
    func `an address that others can reach is worth a warning`(address: String, warns: Bool) throws {
        let status = try #require(Reading.configuration(Self.services + "status: {listen: \(address)}").status)
        #expect((status.warning != nil) == warns)
    }
}
